package sourcehttp

import (
	"math"
	"strconv"
	"time"
)

// encoder writes samples as the JSON objects of /data. It is by hand because
// encoding/json takes longer than PostgreSQL does to send the rows.
type encoder struct {
	names []string // `,"wind_speed":`

	day    int64 // the date that prefix is for, in days since 1970
	prefix []byte
}

// newEncoder makes an encoder of samples that have these variables.
func newEncoder(variables []string) *encoder {
	e := &encoder{day: math.MinInt64}
	for _, name := range variables {
		e.names = append(e.names, `,"`+name+`":`)
	}
	return e
}

// quotes is how many quotation marks each sample has.
func (e *encoder) quotes() int { return 4 + 2*len(e.names) }

// appendSample writes one sample.
func (e *encoder) appendSample(dst []byte, micros int64, values []float64) []byte {
	dst = e.appendTime(dst, micros)
	for i, value := range values {
		dst = appendNumber(append(dst, e.names[i]...), value)
	}
	return append(dst, '}')
}

const (
	secondMicros = int64(time.Second / time.Microsecond)
	dayMicros    = int64(24 * time.Hour / time.Microsecond)
)

// appendTime writes {"timestamp":"2026-02-20T00:00:00Z", with a fraction only where
// it is not zero. The date is formatted once a day.
func (e *encoder) appendTime(dst []byte, micros int64) []byte {
	day, micro := micros/dayMicros, micros%dayMicros
	if micro < 0 {
		day, micro = day-1, micro+dayMicros
	}
	if day != e.day {
		e.day = day
		e.prefix = append(e.prefix[:0], `{"timestamp":"`...)
		e.prefix = time.UnixMicro(micros).UTC().AppendFormat(e.prefix, "2006-01-02T")
	}
	second, fraction := uint32(micro/secondMicros), uint32(micro%secondMicros)
	hour, minute, second := second/3600, second/60%60, second%60
	dst = append(append(dst, e.prefix...), byte('0'+hour/10), byte('0'+hour%10), ':',
		byte('0'+minute/10), byte('0'+minute%10), ':', byte('0'+second/10), byte('0'+second%10))
	if fraction != 0 {
		dst = appendFraction(dst, fraction)
	}
	return append(dst, 'Z', '"')
}

// thousandths has the three digits of each number below 1000, one after the other.
var thousandths = func() (digits [3000]byte) {
	for i := range 1000 {
		digits[3*i], digits[3*i+1], digits[3*i+2] = byte('0'+i/100), byte('0'+i/10%10), byte('0'+i%10)
	}
	return digits
}()

// appendFraction writes millionths, of which there are some, without zeros at the end.
func appendFraction(dst []byte, millionths uint32) []byte {
	first, second := millionths/1000*3, millionths%1000*3
	dst = append(dst, '.', thousandths[first], thousandths[first+1], thousandths[first+2])
	if second != 0 {
		dst = append(dst, thousandths[second], thousandths[second+1], thousandths[second+2])
	}
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendNumber writes the shortest decimal that reads back as the same float64, as
// encoding/json does; null for NaN and the infinities. Numbers are most of what a
// page costs, hence the two quick ways.
func appendNumber(dst []byte, value float64) []byte {
	size := math.Abs(value)
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return append(dst, "null"...)
	case size >= 1e-6 && size < 1e9:
		if micros := int64(math.RoundToEven(value * 1e6)); float64(micros)/1e6 == value {
			return appendMillionths(dst, micros)
		}
		return appendShifted(dst, value)
	case size == 0 || (size >= 1e-6 && size < 1e21):
		return strconv.AppendFloat(dst, value, 'f', -1, 64)
	default:
		return strconv.AppendFloat(dst, value, 'e', -1, 64)
	}
}

// appendMillionths writes the decimal micros/1e6, as which sensors' values come. It
// has at most 15 digits, so no other decimal as short reads back as the same value.
func appendMillionths(dst []byte, micros int64) []byte {
	if micros < 0 {
		dst, micros = append(dst, '-'), -micros
	}
	dst = strconv.AppendInt(dst, micros/1e6, 10)
	if fraction := micros % 1e6; fraction != 0 {
		dst = appendFraction(dst, uint32(fraction))
	}
	return dst
}

// appendShifted writes a value below 1e9 as format 'f' would. It takes format 'e',
// which strconv writes a third faster, and moves the point.
func appendShifted(dst []byte, value float64) []byte {
	const point, exponent = 1, len("e+00")
	start := len(dst)
	dst = strconv.AppendFloat(dst, value, 'e', -1, 64)
	text := dst[start:]
	if value < 0 {
		text = text[1:]
	}
	end := len(text) - exponent
	shift := int(text[len(text)-1] - '0')
	if text[end+1] == '-' || end-point-1 <= shift { // no digit would be left before or behind the point
		return strconv.AppendFloat(dst[:start], value, 'f', -1, 64)
	}
	copy(text[point:], text[point+1:point+1+shift])
	text[point+shift] = '.'
	return dst[:len(dst)-exponent]
}
