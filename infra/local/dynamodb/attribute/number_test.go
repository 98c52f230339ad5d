package attribute_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"delfos/infra/local/dynamodb/attribute"
)

func TestNumbersAreReadAndWrittenInNormalForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "+0.00e5": "0", "007": "7", "-1.50": "-1.5", ".5": "0.5", "5.": "5",
		"1e3": "1000", "1E+2": "100", "12.34e-3": "0.01234", "120e-1": "12",
		"1e-130": "0." + strings.Repeat("0", 129) + "1",
		"9.9999999999999999999999999999999999999E+125": strings.Repeat("9", 38) + strings.Repeat("0", 88),
	} {
		number, err := attribute.ParseNumber(text)
		if err != nil || number.String() != want {
			t.Errorf("%s is read as %v (%v), want %s", text, number, err, want)
		}
	}
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                   "cannot be converted to a numeric value",
		" 1":                                 "cannot be converted to a numeric value:  1",
		"one":                                "cannot be converted to a numeric value: one",
		"NaN":                                "cannot be converted",
		"--1":                                "cannot be converted",
		"1e":                                 "cannot be converted",
		"1e+-2":                              "cannot be converted",
		"1.2.3":                              "cannot be converted",
		".":                                  "cannot be converted",
		"0x10":                               "cannot be converted",
		"1_000":                              "cannot be converted",
		"1e126":                              "Number overflow",
		"-1e99999999999999999":               "Number overflow",
		"1e-131":                             "Number underflow",
		"1e-99999999999999999":               "Number underflow",
		strings.Repeat("1", 39):              "more than 38 significant digits",
		"1." + strings.Repeat("0", 37) + "1": "more than 38 significant digits",
	} {
		if number, err := attribute.ParseNumber(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is read as %v (%v), want an error: …%s…", text, number, err, want)
		}
	}
}

// numbers draws decimals of few digits and near exponents, so that sums of two stay
// within 38 digits.
func numbers() *rapid.Generator[string] {
	return rapid.StringMatching(`-?[0-9]{1,6}(\.[0-9]{1,6})?(e-?[0-9])?`)
}

func parse(t *rapid.T, text string) attribute.Number {
	number, err := attribute.ParseNumber(text)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func rational(t *rapid.T, text string) *big.Rat {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("big.Rat does not read %q", text)
	}
	return value
}

func TestArithmeticAndOrderAreThoseOfRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := numbers().Draw(t, "a"), numbers().Draw(t, "b")
		x, y := parse(t, a), parse(t, b)
		ra, rb := rational(t, a), rational(t, b)
		sum, err := x.Add(y)
		if err != nil || rational(t, sum.String()).Cmp(new(big.Rat).Add(ra, rb)) != 0 {
			t.Fatalf("%s + %s = %v (%v)", a, b, sum, err)
		}
		difference, err := x.Subtract(y)
		if err != nil || rational(t, difference.String()).Cmp(new(big.Rat).Sub(ra, rb)) != 0 {
			t.Fatalf("%s - %s = %v (%v)", a, b, difference, err)
		}
		order, ok := attribute.Compare(x, y)
		if !ok || sign(order) != ra.Cmp(rb) {
			t.Fatalf("Compare(%s, %s) = %d, %t", a, b, order, ok)
		}
		if (x == y) != (ra.Cmp(rb) == 0) {
			t.Fatalf("%s == %s is %t", a, b, x == y)
		}
	})
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	default:
		return 0
	}
}

func TestASumBeyondTheBoundsIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{strings.Repeat("9", 38), "0.1", "more than 38 significant digits"},
		{"1e125", "1", "more than 38 significant digits"},
		{"9e125", "9e125", "Number overflow"},
	} {
		a, errA := attribute.ParseNumber(c.a)
		b, errB := attribute.ParseNumber(c.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if sum, err := a.Add(b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s + %s = %v (%v), want an error: %s", c.a, c.b, sum, err, c.want)
		}
	}
}

func FuzzParseNumberRoundTrips(f *testing.F) {
	for _, seed := range []string{"0", "-1.5e10", "1e-130", "00.100", "9e125", "1e126", "e", "-", "1e+-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number, err := attribute.ParseNumber(text)
		if err != nil {
			return
		}
		again, err := attribute.ParseNumber(number.String())
		if err != nil || again != number {
			t.Errorf("%q is %v, which is read as %v (%v)", text, number, again, err)
		}
	})
}
