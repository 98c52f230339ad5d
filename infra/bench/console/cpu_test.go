package console

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// used is the CPU time of the stack's process and of all that it started, from
// /proc/PID/stat: proc(5). What has ended counts with its parent.
func (s *stack) used(b *testing.B) time.Duration {
	b.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		b.Skip("there is no /proc that tells of processes' times")
	}
	parents, times := map[int]int{}, map[int]int64{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file))) // digits
		_, after, _ := strings.Cut(string(text), ") ")            // its name may hold anything
		fields := strings.Fields(after)
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, ticks := range fields[11:15] { // utime, stime, cutime, cstime
			n, _ := strconv.ParseInt(ticks, 10, 64)
			times[pid] += n
		}
	}
	var total int64
	for pid, ticks := range times {
		if descends(pid, s.PID, parents) {
			total += ticks
		}
	}
	return time.Duration(total) * time.Second / 100 // USER_HZ
}

func descends(pid, from int, parents map[int]int) bool {
	for ; pid > 1; pid = parents[pid] {
		if pid == from {
			return true
		}
	}
	return false
}
