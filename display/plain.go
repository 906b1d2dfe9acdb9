package display

import (
	"fmt"
	"html"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	plainLimit = 64 << 10 // bytes of a value that Plain shows
	lineLimit  = 80       // runes of a one-line description
	cutMark    = "\n… cut at 64 KiB; fmt.Println shows all"
)

// Plain gives v as the kernel shows a result without a richer form: as fmt.Println
// prints it, so strings without quotes, errors as their text and nil as <nil>.
// What is longer than 64 KiB is cut between two characters and says so.
func Plain(v any) string {
	text := fmt.Sprint(shorten(v))
	if len(text) <= plainLimit {
		return text
	}
	end := plainLimit
	for end > plainLimit-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + cutMark
}

// shorten cuts a long string or slice before it is formatted, so that a result of
// a gigabyte costs no more than what is shown of it. An element takes a space at
// least, so what is left still passes the limit.
func shorten(v any) any {
	switch v.(type) {
	case fmt.Formatter, fmt.Stringer, error:
		return v
	}
	value := reflect.ValueOf(v)
	const enough = plainLimit + utf8.UTFMax
	if k := value.Kind(); (k == reflect.String || k == reflect.Slice) && value.Len() > enough {
		return value.Slice(0, enough).Interface()
	}
	return v
}

// htmlParts finds what a reader of HTML does not see; compiled when first used, as
// most programs never do.
var htmlParts = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>|<[/!a-z][^>]*>`)
})

// stripTags gives one line of the text that a fragment of HTML shows, or name
// where it shows none.
func stripTags(s, name string) string {
	return oneLine(html.UnescapeString(htmlParts().ReplaceAllString(s, " ")), name)
}

// oneLine joins the words of s by single spaces and cuts them at 80 runes; name
// stands for a text without words.
func oneLine(s, name string) string {
	const enough = lineLimit * 16 // bytes; no need to split a megabyte for 80 runes
	if s = strings.TrimSpace(s); len(s) > enough {
		s = strings.ToValidUTF8(s[:enough], "")
	}
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return name
	}
	if runes := []rune(s); len(runes) > lineLimit {
		return string(runes[:lineLimit-1]) + "…"
	}
	return s
}
