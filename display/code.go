package display

import (
	"html"
	"strings"
)

// Code gives source text in a programming language, such as "go" or "python",
// which a front-end may colour. An empty language is plain text.
func Code(language, source string) Bundle {
	fence := "```"
	for strings.Contains(source, fence) {
		fence += "`"
	}
	return bundle(source, mimeMarkdown, fence+language+"\n"+strings.TrimSuffix(source, "\n")+"\n"+fence+"\n")
}

// Link gives a link that says text, or the address where text is empty. An address
// that would run a script is shown, but leads nowhere.
func Link(url, text string) Bundle {
	plain := url
	if text == "" {
		text = url
	} else {
		plain = text + " (" + url + ")"
	}
	scheme, _, ok := strings.Cut(strings.TrimSpace(strings.ToLower(url)), ":")
	if ok && (scheme == "javascript" || scheme == "data" || scheme == "vbscript") {
		return bundle(plain, mimeHTML, html.EscapeString(plain))
	}
	return bundle(plain, mimeHTML, `<a href="`+html.EscapeString(url)+`" target="_blank" rel="noopener">`+html.EscapeString(text)+`</a>`)
}
