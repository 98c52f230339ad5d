package chart

import (
	"math"
	"strconv"
	"strings"
)

// Number writes a value for people: with the given decimals, a real minus sign and
// thin spaces between thousands from 10,000 on; far from 1 as a power of ten. What
// is not finite is a dash.
func Number(value float64, decimals int) string {
	if !finite(value) {
		return "–"
	}
	size := math.Abs(value)
	if size >= 1e9 || size > 0 && size < 1e-4 {
		return scientific(value)
	}
	text := strconv.FormatFloat(size, 'f', max(decimals, 0), 64)
	whole, fraction, _ := strings.Cut(text, ".")
	if len(whole) > 4 {
		whole = grouped(whole)
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if value < 0 && strings.Trim(text, "0.") != "" {
		return "−" + whole
	}
	return whole
}

// scientific writes 3 digits and a power of ten.
func scientific(value float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(value, 'e', 2, 64), "e")
	power, err := strconv.Atoi(exponent)
	if err != nil {
		return mantissa + "e" + exponent
	}
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	return strings.ReplaceAll(mantissa+"e"+strconv.Itoa(power), "-", "−")
}

const thinSpace = "\u202f"

func grouped(digits string) string {
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, parts...), thinSpace)
}

// stepDecimals is how many decimals tell ticks of the step apart.
func stepDecimals(step float64) int {
	if step <= 0 || step >= 1 {
		return 0
	}
	return int(math.Ceil(-math.Log10(step) - 1e-9))
}

// valueDecimals is how many decimals show a value to about a hundredth of the
// axis's step: enough to tell apart what the eye can, and no noise.
func valueDecimals(step float64) int {
	if step <= 0 {
		return 2
	}
	return min(stepDecimals(step/100), 9)
}
