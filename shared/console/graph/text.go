package graph

import "strings"

// The sizes of text, in pixels, as the stylesheet has them.
const (
	boldSize = 14.5 // names have 13, and bold letters are wider
	noteSize = 11
)

// textWidth is about the width of a text in a system font, a little on the safe side.
func textWidth(text string, size float64) float64 {
	ems := 0.0
	for _, c := range text {
		ems += runeWidth(c)
	}
	return ems * size
}

func runeWidth(c rune) float64 {
	switch {
	case c >= 0x1100 && c != 0x2026: // wide scripts and signs; what is narrow among them has room
		if c >= 0x2000 && c < 0x2500 {
			return 0.65
		}
		return 1.05
	case strings.ContainsRune("ijltfrI.,:;'|!()[] ", c):
		return 0.36
	case strings.ContainsRune("mwMW@%&", c):
		return 0.92
	case c >= 'A' && c <= 'Z':
		return 0.68
	default:
		return 0.58
	}
}

// cut shortens a text to a width in pixels.
func cut(text string, width, size float64) string {
	if textWidth(text, size) <= width {
		return text
	}
	left := width - textWidth("…", size)
	for i, c := range text {
		if left -= runeWidth(c) * size; left < 0 {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}
