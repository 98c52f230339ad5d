package site

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Duration writes a duration for people, to two or three digits.
func Duration(d time.Duration) string {
	switch seconds := int64(d.Round(time.Second) / time.Second); {
	case d < 0:
		return "–" + Duration(-d)
	case d < time.Millisecond && d > 0:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", seconds)
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", seconds/60, seconds%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %02d min", seconds/3600, seconds/60%60)
	default:
		return fmt.Sprintf("%d d %d h", seconds/86400, seconds/3600%24)
	}
}

// Number writes a whole number with commas between thousands.
func Number(n any) string {
	text := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "–", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// decimal writes a number with so many digits after the point; one that is none is a dash.
func decimal(digits int, x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	return strings.Replace(strconv.FormatFloat(x, 'f', digits, 64), "-", "–", 1)
}

// percent writes a share of one: whole, but never 100 % of what is not all, nor 0 %
// of what is something.
func percent(share float64) string {
	switch {
	case math.IsNaN(share):
		return "–"
	case share < 1 && share > 0.99:
		return strconv.FormatFloat(math.Min(math.Floor(share*10000)/100, 99.99), 'f', -1, 64) + " %"
	case share > 0 && share < 0.01:
		return "under 1 %"
	default:
		return strconv.FormatFloat(math.Round(share*100), 'f', 0, 64) + " %"
	}
}

func byteSize(n int64) string {
	const thousand = 1000.0
	size := float64(n)
	for _, unit := range []string{"bytes", "kB", "MB", "GB"} {
		if size < thousand || unit == "GB" {
			if unit == "bytes" {
				return fmt.Sprintf("%d bytes", n)
			}
			return fmt.Sprintf("%.1f %s", size, unit)
		}
		size /= thousand
	}
	return ""
}

func plural(n any, one, many string) string {
	if text := Number(n); text != "1" {
		return text + " " + many
	}
	return "1 " + one
}

// sentence makes one of an error's text: a capital first, a full stop last.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	text = capital(text)
	if strings.ContainsAny(text[len(text)-1:], ".!?…)") {
		return text
	}
	return text + "."
}

func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
