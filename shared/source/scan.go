package source

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// text reads a string of printable ASCII without escapes: the contract has no other.
func (d *decoder) text() ([]byte, error) {
	if err := d.expect('"'); err != nil {
		return nil, err
	}
	for i, b := range d.data[d.at:] {
		switch {
		case b == '"':
			text := d.data[d.at : d.at+i]
			d.at += i + 1
			return text, nil
		case b < ' ':
			return nil, d.garbled("there is a control character in a string")
		case b == '\\' || b > '~':
			return nil, d.misshapen("want strings of plain ASCII")
		}
	}
	return nil, d.garbled("it ends inside a string")
}

// timestamp reads RFC 3339 in UTC: 2026-02-20T00:00:00Z, with up to 6 digits of a
// fraction.
func (d *decoder) timestamp() (int64, error) {
	if d.peek() != '"' {
		return 0, d.wrongType("a timestamp in a string")
	}
	text, err := d.text()
	if err != nil {
		return 0, err
	}
	micros, ok := d.parseTimestamp(text)
	if !ok {
		return 0, d.misshapen("timestamp %q: want 2026-02-20T00:00:00Z, with up to 6 digits of a fraction", text)
	}
	return micros, nil
}

func (d *decoder) parseTimestamp(text []byte) (int64, bool) {
	const day, clock = len("2026-02-20"), len("2026-02-20T00:00:00")
	if len(text) <= clock || text[day] != 'T' || text[len(text)-1] != 'Z' {
		return 0, false
	}
	if !bytes.Equal(text[:day], d.day[:]) {
		midnight, err := time.Parse(time.DateOnly, string(text[:day]))
		if err != nil {
			return 0, false
		}
		d.dayMicros = midnight.UnixMicro()
		copy(d.day[:], text)
	}
	hour, okHour := twoDigits(text[day+1:], 24)
	minute, okMinute := twoDigits(text[day+4:], 60)
	second, okSecond := twoDigits(text[day+7:], 60)
	fraction, okFraction := fractionMicros(text[clock : len(text)-1])
	if !okHour || !okMinute || !okSecond || !okFraction || text[day+3] != ':' || text[day+6] != ':' {
		return 0, false
	}
	return d.dayMicros + (hour*3600+minute*60+second)*1_000_000 + fraction, true
}

func twoDigits(text []byte, below int64) (int64, bool) {
	tens, ones := text[0]-'0', text[1]-'0'
	number := int64(tens)*10 + int64(ones)
	return number, tens <= 9 && ones <= 9 && number < below
}

// fractionMicros reads nothing, or a dot and 1 to 6 digits.
func fractionMicros(text []byte) (int64, bool) {
	if len(text) == 0 {
		return 0, true
	}
	if text[0] != '.' || len(text) < 2 || len(text) > 7 {
		return 0, false
	}
	micros, unit := int64(0), int64(100_000)
	for _, b := range text[1:] {
		if b < '0' || b > '9' {
			return 0, false
		}
		micros += int64(b-'0') * unit
		unit /= 10
	}
	return micros, true
}

// number reads null, as NaN, or a number that a float64 can hold.
func (d *decoder) number() (float64, error) {
	d.space()
	if d.peek() == 'n' {
		if !bytes.HasPrefix(d.data[d.at:], []byte("null")) {
			return 0, d.garbled("want null")
		}
		d.at += len("null")
		return math.NaN(), nil
	}
	length := numberLength(d.data[d.at:])
	if length == 0 {
		if b := d.peek(); b == '-' || b >= '0' && b <= '9' {
			return 0, d.garbled("a number is cut short or malformed")
		}
		return 0, d.wrongType("a number or null")
	}
	token := d.data[d.at : d.at+length]
	value, err := strconv.ParseFloat(string(token), 64)
	if err != nil {
		return 0, d.misshapen("number %s: a float64 cannot hold it", token)
	}
	d.at += length
	return value, nil
}

// numberLength is how many bytes a number takes (RFC 8259, section 6), 0 where
// there is none.
func numberLength(data []byte) int {
	i := 0
	if i < len(data) && data[i] == '-' {
		i++
	}
	whole := digits(data[i:])
	if whole == 0 || (whole > 1 && data[i] == '0') {
		return 0
	}
	i += whole
	if i < len(data) && data[i] == '.' {
		fraction := digits(data[i+1:])
		if fraction == 0 {
			return 0
		}
		i += 1 + fraction
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		exponent := i + 1
		if exponent < len(data) && (data[exponent] == '+' || data[exponent] == '-') {
			exponent++
		}
		count := digits(data[exponent:])
		if count == 0 {
			return 0
		}
		i = exponent + count
	}
	return i
}

func digits(data []byte) int {
	for i, b := range data {
		if b < '0' || b > '9' {
			return i
		}
	}
	return len(data)
}
