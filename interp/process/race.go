package process

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Race is what the race detector says of one: the access, the one before, and
// where their goroutines were started.
type Race []RaceEvent

// A RaceEvent is one of the places.
type RaceEvent struct {
	What     string // "write by goroutine 8", "goroutine 8 was started"
	Where    string // "cell 3:5"; "" where it is in no cell
	Function string // "inc", or "" for the cell's own statements
}

func (e RaceEvent) String() string {
	where := e.Where
	if where == "" {
		return fmt.Sprintf("%s, in %s, outside of cells", e.What, e.Function)
	}
	if e.Function != "" {
		return fmt.Sprintf("%s: %s, in %s", where, e.What, e.Function)
	}
	return where + ": " + e.What
}

// Races reads the reports, files race.* in a folder, of which none is told twice.
// Source: go.dev/doc/articles/race_detector, "Report Format".
func Races(dir string) []Race {
	files, _ := filepath.Glob(filepath.Join(dir, "race.*"))
	var out []Race
	seen := map[string]bool{}
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for _, report := range strings.Split(string(text), "==================\n") {
			r := parseRace(report)
			if key := r.places(); len(r) > 0 && !seen[key] {
				seen[key] = true
				out = append(out, r)
			}
		}
	}
	return out
}

// places tells races at other places apart.
func (r Race) places() string {
	var b strings.Builder
	for _, e := range r {
		b.WriteString(e.Where + " " + e.Function + " " + number.ReplaceAllString(e.What, "") + "\n")
	}
	return b.String()
}

var (
	number   = regexp.MustCompile(`\d+`)
	access   = regexp.MustCompile(`^(?:(Previous) )?((?i)(?:atomic )?(?:read|write)) at \S+ by (.+):$`)
	creation = regexp.MustCompile(`^(Goroutine \d+) \((\w+)\) created at:$`)
	frame    = regexp.MustCompile(`^      (?:\S*/)?(cell \d+:\d+)(?: .*)?$`)
)

// parseRace reads one report; nil for what is none.
func parseRace(report string) Race {
	if !strings.HasPrefix(report, "WARNING: DATA RACE\n") {
		return nil
	}
	var out Race
	for _, section := range strings.Split(strings.TrimPrefix(report, "WARNING: DATA RACE\n"), "\n\n") {
		head, stack, _ := strings.Cut(section, "\n")
		what := ""
		if m := access.FindStringSubmatch(head); m != nil {
			what = strings.ToLower(strings.TrimSpace(m[1]+" "+m[2])) + " by " + m[3]
		} else if m := creation.FindStringSubmatch(head); m != nil {
			what = strings.ToLower(m[1][:1]) + m[1][1:] + " was started"
		} else {
			continue
		}
		where, function := innermost(stack)
		out = append(out, RaceEvent{what, where, function})
	}
	return out
}

// innermost is the first place of a stack that is in a cell.
func innermost(stack string) (where, function string) {
	last := ""
	for _, line := range strings.Split(stack, "\n") {
		if m := frame.FindStringSubmatch(line); m != nil {
			return m[1], plainName(last)
		}
		last = strings.TrimSpace(line)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(stack), "\n")
	return "", strings.TrimSuffix(first, "()")
}

// ofCell are the functions that the cell's own statements are in.
var ofCell = regexp.MustCompile(`^(main|init)(\.(\d+|func\d+|gowrap\d+))*$`)

// plainName takes what is not the user's out of the name of a function.
func plainName(symbol string) string {
	name := strings.TrimSuffix(symbol, "()")
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.TrimPrefix(strings.TrimPrefix(name, "main."), "session.")
	if ofCell.MatchString(name) {
		return ""
	}
	return name
}
