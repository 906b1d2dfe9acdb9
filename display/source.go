package display

import "embed"

// Source is this package's own source, so that a kernel can check cells against
// it after the folder that it was built from has gone.
//
//go:embed *.go
var Source embed.FS
