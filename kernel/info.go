package kernel

import (
	"runtime"
	"strings"

	"interleave/kernel/wire"
)

// kernelInfo answers kernel_info_request, from the first moment on.
// Source: messaging.rst, "Kernel info".
func (k *kernel) kernelInfo(*request) any {
	version := strings.TrimPrefix(runtime.Version(), "go")
	return &wire.KernelInfoReply{
		ReplyStatus:           wire.OK,
		ProtocolVersion:       wire.Version,
		Implementation:        "interleave",
		ImplementationVersion: k.options.Version,
		LanguageInfo: wire.LanguageInfo{
			Name:              "go",
			Version:           version,
			Mimetype:          "text/x-go",
			FileExtension:     ".go",
			PygmentsLexer:     "go",
			CodemirrorMode:    "go",
			NbconvertExporter: "script",
		},
		Banner:            "interleave " + k.options.Version + ": Go " + version + " in cells\n%help lists the magics, NAME? tells what a name is",
		SupportedFeatures: []string{"kernel subshells"},
		HelpLinks: []wire.HelpLink{
			{Text: "A Tour of Go", URL: "https://go.dev/tour/", NewBrowserTab: true},
			{Text: "The Go language", URL: "https://go.dev/ref/spec", NewBrowserTab: true},
			{Text: "The standard library", URL: "https://pkg.go.dev/std", NewBrowserTab: true},
		},
	}
}

// connect answers connect_request with the ports in use.
// Source: messaging.rst, "Connect"; deprecated since 5.1.
func (k *kernel) connect(*request) any {
	p := k.ports
	return &wire.ConnectReply{ReplyStatus: wire.OK, ShellPort: p["shell"], IOPubPort: p["iopub"],
		StdinPort: p["stdin"], HBPort: p["hb"], ControlPort: p["control"]}
}
