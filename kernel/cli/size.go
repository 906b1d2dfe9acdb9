package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes as a flag: 512MiB, 2GiB, 1.5G, or bytes. The letter
// alone means the power of 1024.
type Size int64

var units = map[string]float64{
	"": 1, "B": 1,
	"K": 1 << 10, "KIB": 1 << 10, "KB": 1e3,
	"M": 1 << 20, "MIB": 1 << 20, "MB": 1e6,
	"G": 1 << 30, "GIB": 1 << 30, "GB": 1e9,
	"T": 1 << 40, "TIB": 1 << 40, "TB": 1e12,
}

// Set reads s. Errors: no size, zero or below, or beyond 8 EiB.
func (z *Size) Set(s string) error {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := units[strings.ToUpper(s[len(digits):])]
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if bytes := n * unit; known && err == nil && bytes >= 1 && bytes < math.MaxInt64 {
		*z = Size(bytes)
		return nil
	}
	return fmt.Errorf("%q is no size: write it as 512MiB or 2GiB", s)
}

func (z *Size) String() string { return strconv.FormatInt(int64(*z), 10) }
