package source

import (
	"fmt"
	"time"
)

// decodeError says where a page stops being what the contract describes. A page
// that is no JSON at all was cut or garbled on its way, which reading again mends;
// one that is JSON of another shape is not.
type decodeError struct {
	offset  int
	reason  string
	garbled bool
}

func (e *decodeError) Error() string {
	return fmt.Sprintf("byte %d of the page: %s", e.offset, e.reason)
}

// decoder reads a page: a JSON array of objects that have a timestamp and each
// variable exactly once, in any order. It refuses everything else, allocates
// nothing per row, and keeps its memory from page to page.
type decoder struct {
	variables []string
	data      []byte
	at        int
	values    []float64

	day       [len(time.DateOnly)]byte // the last date read, and its midnight: rows share it
	dayMicros int64
}

// decode appends the samples of a page to rows.
func (d *decoder) decode(data []byte, rows *Rows) error {
	d.data, d.at = data, 0
	if len(d.values) != len(d.variables) {
		d.values = make([]float64, len(d.variables))
	}
	if err := d.array(rows); err != nil {
		return err
	}
	d.space()
	if d.at != len(d.data) {
		return d.garbled("there is more after the array")
	}
	return nil
}

func (d *decoder) array(rows *Rows) error {
	if err := d.expect('['); err != nil {
		return err
	}
	if d.next(']') {
		return nil
	}
	for {
		micros, err := d.sample()
		if err != nil {
			return err
		}
		rows.Times = append(rows.Times, micros)
		for i, value := range d.values {
			rows.Values[i] = append(rows.Values[i], value)
		}
		if d.next(']') {
			return nil
		}
		if err := d.expect(','); err != nil {
			return err
		}
	}
}

// sample reads one object into d.values. The members seen are bits: 0 is the
// timestamp, i+1 is variable i.
func (d *decoder) sample() (micros int64, err error) {
	if err := d.expect('{'); err != nil {
		return 0, err
	}
	all := uint64(1)<<(len(d.variables)+1) - 1
	var seen uint64
	for position := 0; ; position++ {
		member, err := d.member(position)
		if err != nil {
			return 0, err
		}
		if seen&(1<<member) != 0 {
			return 0, d.misshapen("%q is there twice", d.memberName(member))
		}
		seen |= 1 << member
		if member == 0 {
			micros, err = d.timestamp()
		} else {
			d.values[member-1], err = d.number()
		}
		if err != nil {
			return 0, err
		}
		if d.next('}') {
			break
		}
		if err := d.expect(','); err != nil {
			return 0, err
		}
	}
	for member := 0; seen != all; member++ {
		if seen&(1<<member) == 0 {
			return 0, d.misshapen("%q is missing", d.memberName(member))
		}
	}
	return micros, nil
}

// member reads a name and its colon. Names come in the contract's order as a
// rule, so the position is tried first.
func (d *decoder) member(position int) (int, error) {
	name, err := d.text()
	if err != nil {
		return 0, err
	}
	if err := d.expect(':'); err != nil {
		return 0, err
	}
	if position <= len(d.variables) && string(name) == d.memberName(position) {
		return position, nil
	}
	for member := 0; member <= len(d.variables); member++ {
		if string(name) == d.memberName(member) {
			return member, nil
		}
	}
	return 0, d.misshapen("member %q is not in the contract", name)
}

func (d *decoder) memberName(member int) string {
	if member == 0 {
		return "timestamp"
	}
	return d.variables[member-1]
}

func (d *decoder) space() {
	for d.at < len(d.data) {
		switch d.data[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

// peek is the next byte that is no space, 0 at the end.
func (d *decoder) peek() byte {
	d.space()
	if d.at == len(d.data) {
		return 0
	}
	return d.data[d.at]
}

// next steps over a byte, if it is the one to come.
func (d *decoder) next(b byte) bool {
	if d.peek() != b {
		return false
	}
	d.at++
	return true
}

func (d *decoder) expect(b byte) error {
	if d.next(b) {
		return nil
	}
	if d.at == len(d.data) {
		return d.garbled("it ends where %q should come", b)
	}
	return d.wrongType(fmt.Sprintf("%q", b))
}

// wrongType tells a value of another type, which the API meant, from bytes that
// begin no value at all.
func (d *decoder) wrongType(want string) error {
	switch b := d.peek(); {
	case b == '"', b == '{', b == '[', b == 't', b == 'f', b == 'n', b == '-', b >= '0' && b <= '9':
		return d.misshapen("want %s, not what begins with %q", want, b)
	default:
		return d.garbled("want %s", want)
	}
}

func (d *decoder) garbled(format string, args ...any) error {
	return &decodeError{d.at, fmt.Sprintf(format, args...), true}
}

func (d *decoder) misshapen(format string, args ...any) error {
	return &decodeError{d.at, fmt.Sprintf(format, args...), false}
}
