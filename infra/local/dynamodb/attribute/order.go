package attribute

// AppendOrdered appends key, a String, Number or Binary, in a form whose bytes
// sort as the values do and of which none is a prefix of another, so that several
// can follow each other.
func AppendOrdered(dst []byte, key Value) []byte {
	switch v := key.(type) {
	case String:
		return append(AppendOrderedPrefix(dst, v), 0, 0)
	case Binary:
		return append(AppendOrderedPrefix(dst, v), 0, 0)
	case Number:
		return appendOrderedNumber(dst, v)
	default:
		panic("attribute: " + string(key.Type()) + " cannot be a key")
	}
}

// AppendOrderedPrefix appends a String or Binary so that exactly the keys
// beginning with it, in the form of AppendOrdered, begin with these bytes.
func AppendOrderedPrefix(dst []byte, prefix Value) []byte {
	var text string
	switch v := prefix.(type) {
	case String:
		text = string(v)
	case Binary:
		text = string(v)
	default:
		panic("attribute: " + string(prefix.Type()) + " has no prefix")
	}
	for i := range len(text) {
		dst = append(dst, text[i])
		if text[i] == 0 {
			dst = append(dst, 0xFF) // 00 FF is above the end mark 00 00
		}
	}
	return dst
}

// appendOrderedNumber writes sign, exponent and digits; those of negative numbers
// are inverted, since a greater magnitude is a smaller number.
func appendOrderedNumber(dst []byte, n Number) []byte {
	const offset = 512 // brings every exponent above zero
	if n.digits == "" {
		return append(dst, 1)
	}
	invert, sign := byte(0), byte(2)
	if n.negative {
		invert, sign = 0xFF, 0
	}
	exponent := n.exponent + offset
	dst = append(dst, sign, byte(exponent>>8)^invert, byte(exponent&0xFF)^invert)
	for i := range len(n.digits) {
		dst = append(dst, n.digits[i]^invert)
	}
	return append(dst, invert)
}
