package console

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local"
)

const (
	watchers   = 20
	watched    = 365 // days of the backfill
	roundsEach = 3
)

// BenchmarkWatchedBackfill runs a year of days in the stack of the command, in turns
// with nobody and with 20 browsers watching: each asks for the parts of the backfill's
// page as site.js does, with If-None-Match and about as often. It tells what the watching
// costs: requests a second, how many of them had nothing new, the CPU time of the stack's
// processes a second of watching, and how much slower the backfill is.
func BenchmarkWatchedBackfill(b *testing.B) {
	s := startStack(b)
	s.run(b, "warm", 0)
	var alone, together []time.Duration
	var aloneCPU, togetherCPU time.Duration
	var seen audience
	for b.Loop() {
		for round := range roundsEach {
			took, used, _ := s.run(b, fmt.Sprintf("alone-%d-%d", len(alone), round), 0)
			alone, aloneCPU = append(alone, took), aloneCPU+used
			took, used, saw := s.run(b, fmt.Sprintf("watched-%d-%d", len(together), round), watchers)
			together, togetherCPU = append(together, took), togetherCPU+used
			seen.add(saw)
		}
	}
	slices.Sort(alone)
	slices.Sort(together)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(alone[len(alone)/2].Seconds(), "alone-p50-s")
	b.ReportMetric(together[len(together)/2].Seconds(), "watched-p50-s")
	b.ReportMetric(together[len(together)/2].Seconds()/alone[len(alone)/2].Seconds(), "watched/alone")
	b.ReportMetric(float64(seen.requests.Load())/sum(together).Seconds(), "requests/s")
	b.ReportMetric(100*float64(seen.unchanged.Load())/float64(seen.requests.Load()), "unchanged-%")
	b.ReportMetric(float64(seen.bytes.Load())/1024/sum(together).Seconds(), "KiB/s")
	b.ReportMetric(aloneCPU.Seconds()/float64(len(alone)), "alone-cpu-s")
	b.ReportMetric(togetherCPU.Seconds()/float64(len(together)), "watched-cpu-s")
}

func sum(all []time.Duration) (total time.Duration) {
	for _, each := range all {
		total += each
	}
	return total
}

// stack is a detached one.
type stack struct {
	local.Descriptor
	sfn *sfn.Client
}

func startStack(b *testing.B) *stack {
	b.Helper()
	dir, err := os.MkdirTemp("", "delfos-bench-") //nolint:usetesting // PostgreSQL's own user cannot pass through b.TempDir
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	command := filepath.Join(dir, "delfos")
	if said, err := exec.Command("go", "build", "-o", command, "../../delfos").CombinedOutput(); err != nil {
		b.Fatalf("build: %v: %s", err, said)
	}
	first := time.Now().UTC().AddDate(0, 0, -watched).Format(time.DateOnly)
	up := exec.Command(command, "up", "--detach", "--json", "--data-dir", filepath.Join(dir, "data"), "--api-port", "0", "--aws-port", "0",
		"--console-port", "0", "--seed-days", strconv.Itoa(watched), "--parameter", "FirstPartition="+first)
	said, err := up.Output()
	if err != nil {
		b.Fatalf("up: %v: %s", err, said)
	}
	b.Cleanup(func() {
		if said, err := exec.Command(command, "down", "--data-dir", filepath.Join(dir, "data")).CombinedOutput(); err != nil {
			b.Errorf("down: %v: %s", err, said)
		}
	})
	s := &stack{}
	if err := json.Unmarshal(said, &s.Descriptor); err != nil {
		b.Fatalf("up printed %s: %v", said, err)
	}
	s.sfn = sfn.NewFromConfig(aws.Config{
		Region: s.Region, BaseEndpoint: &s.AWSEndpointURL, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	return s
}

// run runs all days, with so many browsers that watch it to its end.
func (s *stack) run(b *testing.B, name string, browsers int) (took, used time.Duration, seen *audience) {
	b.Helper()
	before, began := s.used(b), time.Now()
	started, err := s.sfn.StartExecution(b.Context(), &sfn.StartExecutionInput{
		StateMachineArn: &s.StateMachineARN, Name: &name, Input: aws.String(`{"select":"all","max_concurrency":4}`),
	})
	if err != nil {
		b.Fatal(err)
	}
	seen = &audience{}
	ctx, leave := context.WithCancel(b.Context())
	var there sync.WaitGroup
	for range browsers {
		there.Go(func() {
			if err := s.watch(ctx, "/backfills/"+name, seen); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
		})
	}
	for {
		now, err := s.sfn.DescribeExecution(b.Context(), &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		if err != nil {
			b.Fatal(err)
		}
		if now.Status == types.ExecutionStatusSucceeded {
			break
		}
		if now.Status != types.ExecutionStatusRunning {
			b.Fatalf("%s is %s: %s", name, now.Status, aws.ToString(now.Cause))
		}
		time.Sleep(20 * time.Millisecond) // of some seconds
	}
	took, used = time.Since(began), s.used(b)-before
	leave()
	there.Wait()
	return took, used, seen
}

// audience counts what all watchers asked for.
type audience struct{ requests, unchanged, bytes atomic.Int64 }

func (a *audience) add(b *audience) {
	a.requests.Add(b.requests.Load())
	a.unchanged.Add(b.unchanged.Load())
	a.bytes.Add(b.bytes.Load())
}

// part is a live part of a page, as its HTML says: with the tag of what the page has of it.
var part = regexp.MustCompile(`data-poll="([^"]+)" data-every="(\d+)" data-etag="([^"]+)"`)

// watch is a browser on a page until its parts are final or it leaves.
func (s *stack) watch(ctx context.Context, path string, seen *audience) error {
	body, _, err := s.get(ctx, path, "", seen)
	if err != nil {
		return err
	}
	parts := part.FindAllStringSubmatch(body, -1)
	if len(parts) == 0 && !strings.Contains(body, "data-final") {
		return fmt.Errorf("%s has no live part", path)
	}
	failed := make(chan error, len(parts))
	var all sync.WaitGroup
	for _, found := range parts {
		every, _ := strconv.Atoi(found[2]) // digits
		all.Go(func() {
			failed <- s.poll(ctx, html.UnescapeString(found[1]), html.UnescapeString(found[3]), time.Duration(every)*time.Millisecond, seen)
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

func (s *stack) poll(ctx context.Context, path, tag string, every time.Duration, seen *audience) error {
	for {
		wait := time.Duration(float64(every) * (0.95 + rand.Float64()*0.1))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		body, fresh, err := s.get(ctx, path, tag, seen)
		if err != nil || strings.Contains(body, "data-final") {
			return err
		}
		tag = fresh
	}
}

func (s *stack) get(ctx context.Context, path, tag string, seen *audience) (body, fresh string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.ConsoleURL+path, nil)
	if err != nil {
		return "", "", err
	}
	r.Header.Set("Accept-Encoding", "gzip") // so that what is sent is counted
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", "", err
	}
	defer answer.Body.Close()
	sent, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", "", err
	}
	seen.requests.Add(1)
	seen.bytes.Add(int64(len(sent)))
	switch answer.StatusCode {
	case http.StatusNotModified:
		seen.unchanged.Add(1)
		return "", tag, nil
	case http.StatusOK:
		body, err = plain(sent, answer.Header.Get("Content-Encoding"))
		return body, answer.Header.Get("ETag"), err
	default:
		return "", "", fmt.Errorf("%s: %s", path, answer.Status)
	}
}

func plain(sent []byte, encoding string) (string, error) {
	if encoding != "gzip" {
		return string(sent), nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(reader)
	return string(text), err
}
