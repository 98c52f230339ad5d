package attribute

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Bounds of a number (Developer Guide, "Naming rules and data types", Number):
// 38 significant digits, magnitudes from 1E-130 to 9.99…E+125.
const (
	maxDigits   = 38
	maxExponent = 126  // of 0.ddd × 10^exponent
	minExponent = -129 // likewise
)

// Number is an exact decimal in normal form, so == is numeric equality. The zero
// Number is 0.
type Number struct {
	negative bool
	digits   string // without leading or trailing zeros; empty for zero
	exponent int    // the value is 0.digits × 10^exponent; 0 for zero
}

// Type is N.
func (Number) Type() Type { return TypeNumber }

// NumberFromInt returns n as a Number.
func NumberFromInt(n int) Number {
	number, err := ParseNumber(strconv.Itoa(n))
	if err != nil {
		panic(err) // 19 digits always fit
	}
	return number
}

// ParseNumber reads a decimal, with an exponent or without. Its errors carry
// DynamoDB's own messages: not a number, too many digits, overflow, underflow.
func ParseNumber(s string) (Number, error) {
	if s == "" {
		return Number{}, invalid("The parameter cannot be converted to a numeric value")
	}
	notNumeric := invalid("The parameter cannot be converted to a numeric value: %s", s)
	negative := s[0] == '-'
	mantissa := s
	if negative || s[0] == '+' {
		mantissa = s[1:]
	}
	power := 0
	if at := strings.IndexAny(mantissa, "eE"); at >= 0 {
		var ok bool
		if power, ok = parsePower(mantissa[at+1:]); !ok {
			return Number{}, notNumeric
		}
		mantissa = mantissa[:at]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return Number{}, notNumeric
	}
	return normalise(negative, whole+fraction, len(whole)+power)
}

// parsePower reads an exponent and clamps what is beyond any valid number.
func parsePower(s string) (int, bool) {
	digits := strings.TrimPrefix(strings.TrimPrefix(s, "+"), "-")
	if len(s)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	const beyond = 1 << 30
	power, err := strconv.Atoi(digits)
	if err != nil || power > beyond {
		power = beyond
	}
	if s[0] == '-' {
		power = -power
	}
	return power, true
}

func normalise(negative bool, digits string, exponent int) (Number, error) {
	significant := strings.TrimLeft(digits, "0")
	exponent -= len(digits) - len(significant)
	significant = strings.TrimRight(significant, "0")
	switch {
	case significant == "":
		return Number{}, nil
	case exponent > maxExponent:
		return Number{}, invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case exponent < minExponent:
		return Number{}, invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(significant) > maxDigits:
		return Number{}, invalid("Attempting to store more than %d significant digits in a Number", maxDigits)
	}
	return Number{negative, significant, exponent}, nil
}

// String writes the number without an exponent, as DynamoDB answers it.
func (n Number) String() string {
	if n.digits == "" {
		return "0"
	}
	sign := ""
	if n.negative {
		sign = "-"
	}
	switch point := n.exponent; {
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + n.digits
	case point >= len(n.digits):
		return sign + n.digits + strings.Repeat("0", point-len(n.digits))
	default:
		return sign + n.digits[:point] + "." + n.digits[point:]
	}
}

// Add returns n + other exactly, or the error of a result out of bounds.
func (n Number) Add(other Number) (Number, error) {
	lowest := min(n.exponent-len(n.digits), other.exponent-len(other.digits))
	sum := new(big.Int).Add(n.scaled(lowest), other.scaled(lowest))
	negative := sum.Sign() < 0
	digits := sum.Abs(sum).String()
	return normalise(negative, digits, len(digits)+lowest)
}

// Subtract returns n - other exactly, or the error of a result out of bounds.
func (n Number) Subtract(other Number) (Number, error) {
	if other.digits != "" {
		other.negative = !other.negative
	}
	return n.Add(other)
}

// scaled is n / 10^power, which must be whole.
func (n Number) scaled(power int) *big.Int {
	if n.digits == "" {
		return new(big.Int)
	}
	text := n.digits + strings.Repeat("0", n.exponent-len(n.digits)-power)
	whole, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic(fmt.Sprintf("attribute: %q holds something else than digits", text))
	}
	if n.negative {
		whole.Neg(whole)
	}
	return whole
}

func (n Number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	default:
		return 1
	}
}

func (n Number) compare(other Number) int {
	if order := n.sign() - other.sign(); order != 0 {
		return order
	}
	magnitude := n.exponent - other.exponent
	if magnitude == 0 {
		magnitude = strings.Compare(n.digits, other.digits)
	}
	return magnitude * n.sign()
}

// Int64 returns the number without its fraction, and whether it fits.
func (n Number) Int64() (int64, bool) {
	whole, _, _ := strings.Cut(n.String(), ".")
	parsed, err := strconv.ParseInt(whole, 10, 64)
	return parsed, err == nil
}
