package wire

import "unicode/utf8"

// ByteOffset converts pos, a cursor position in Unicode code points, to a byte
// offset in code. A pos past the end gives len(code), one before the beginning
// 0; a rune is never split.
// Source: messaging.rst, complete_request, since protocol 5.2.
func ByteOffset(code string, pos int) int {
	for offset := range code {
		if pos <= 0 {
			return offset
		}
		pos--
	}
	return len(code)
}

// CodePoint converts a byte offset in code to a position in Unicode code
// points, the inverse of ByteOffset. An offset within a rune gives the
// position of that rune.
func CodePoint(code string, offset int) int {
	offset = min(max(offset, 0), len(code))
	pos := 0
	for at := 0; at < offset; pos++ {
		_, size := utf8.DecodeRuneInString(code[at:])
		if at += size; at > offset {
			break
		}
	}
	return pos
}
