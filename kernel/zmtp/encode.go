package zmtp

import "encoding/binary"

// encode returns the frames of one message as they go on the wire.
func encode(frames [][]byte) []byte {
	n := 0
	for _, f := range frames {
		n += len(f) + 9
	}
	b := make([]byte, 0, n)
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		b = appendFrame(b, flags, f)
	}
	return b
}

// encodePong answers a PING whose body is a time to live of two bytes and a
// context, which the answer repeats. Source: ZMTP 3.1 (RFC 37), heartbeating.
func encodePong(ping []byte) []byte {
	body := []byte("\x04PONG")
	if len(ping) > 2 {
		body = append(body, ping[2:min(len(ping), 2+16)]...)
	}
	return appendFrame(nil, flagCommand, body)
}

func appendFrame(b []byte, flags byte, f []byte) []byte {
	if len(f) > 255 {
		b = append(b, flags|flagLong)
		b = binary.BigEndian.AppendUint64(b, uint64(len(f)))
	} else {
		b = append(b, flags, byte(len(f)))
	}
	return append(b, f...)
}
