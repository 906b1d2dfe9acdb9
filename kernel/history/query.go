package history

import (
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Tail gives the last n entries of all sessions, oldest first; all if n is 0 or less.
func (s *Store) Tail(n int) []Entry {
	return s.last(n, func(Entry) bool { return true })
}

// Search gives, oldest first, the last n entries (all if n is 0 or less) whose
// whole input matches pattern, in which * stands for any text, ? for any character,
// [ab] for one of them and [!ab] for another. With unique, an input that was
// entered several times is given only where it was entered last.
// Source: messaging.rst, history_request; patterns as SQLite's GLOB, which IPython uses.
func (s *Store) Search(pattern string, n int, unique bool) []Entry {
	match := glob(pattern)
	seen := map[string]bool{}
	return s.last(n, func(e Entry) bool {
		if !match(e.Input) || unique && seen[e.Input] {
			return false
		}
		seen[e.Input] = unique
		return true
	})
}

// Range gives the entries of one session with start <= line < stop. session is a
// number, or 0 for this one, -1 for the one before it. A negative start or stop
// counts from the end of the session; a stop of 0 is its end.
func (s *Store) Range(session, start, stop int) []Entry {
	var found []Entry
	s.query(func(current int, upTo func(int) iter.Seq[Entry]) {
		if session <= 0 {
			session += current
		}
		for e := range upTo(session) {
			if e.Session != session {
				return
			}
			found = append(found, e)
		}
	})
	slices.Reverse(found)
	end := 1 // line after the last
	if len(found) > 0 {
		end += found[len(found)-1].Line
	}
	if start < 0 {
		start += end
	}
	if stop <= 0 {
		stop += end
	}
	return slices.DeleteFunc(found, func(e Entry) bool { return e.Line < start || e.Line >= stop })
}

// last gives the last n entries that are wanted, oldest first.
func (s *Store) last(n int, wanted func(Entry) bool) []Entry {
	var found []Entry
	s.query(func(_ int, upTo func(int) iter.Seq[Entry]) {
		for e := range upTo(math.MaxInt - 1) {
			if wanted(e) {
				found = append(found, e)
			}
			if n > 0 && len(found) == n {
				return
			}
		}
	})
	slices.Reverse(found)
	return found
}

// query calls use, once, with the number of this session and all entries: those in
// the database, after a flush, or before them in time those that could not be
// written. They come newest first, from the sessions up to the one asked for.
func (s *Store) query(use func(current int, upTo func(session int) iter.Seq[Entry])) {
	s.database.Lock()
	defer s.database.Unlock()
	err := s.flush()
	s.mu.Lock()
	unwritten := slices.Clone(s.pending)
	s.mu.Unlock()

	current, used := s.session, false
	if err == nil {
		err = s.read(func(newest int, stored func(int) iter.Seq[Entry]) {
			used = true
			if current == 0 {
				current = newest + 1
			}
			use(current, func(session int) iter.Seq[Entry] { return both(unwritten, current, session, stored(session)) })
		})
	}
	if !used {
		use(current, func(session int) iter.Seq[Entry] { return both(unwritten, current, session, nil) })
	}
}

// both gives the entries of this session that are not written, if it is one of
// those asked for, and then the stored ones, newest first.
func both(unwritten []Entry, current, session int, stored iter.Seq[Entry]) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		for _, e := range slices.Backward(unwritten) {
			e.Session = current
			if session >= current && !yield(e) {
				return
			}
		}
		if stored != nil {
			stored(yield)
		}
	}
}

// glob gives a function that tells whether a whole text matches pattern. It takes
// time proportional to the text, whatever the pattern. A set that is never closed
// is taken as it stands.
func glob(pattern string) func(string) bool {
	var re strings.Builder
	re.WriteString(`(?s)\A`)
	for rest := pattern; rest != ""; {
		n := 1
		switch {
		case rest[0] == '*':
			re.WriteString(`.*`)
		case rest[0] == '?':
			re.WriteString(`.`)
		case rest[0] == '[' && setEnd(rest) > 0:
			n = setEnd(rest)
			re.WriteString(set(rest[:n]))
		default:
			if i := strings.IndexAny(rest[1:], "*?["); i >= 0 {
				n = i + 1
			} else {
				n = len(rest)
			}
			re.WriteString(regexp.QuoteMeta(rest[:n]))
		}
		rest = rest[n:]
	}
	compiled, err := regexp.Compile(re.String() + `\z`)
	if err != nil { // a set such as [z-a]
		return func(s string) bool { return s == pattern }
	}
	return compiled.MatchString
}

// setEnd gives the length of the set that s starts with, and 0 if it is not closed.
func setEnd(s string) int {
	from := 2 // a ] that comes first belongs to the set
	if len(s) > 1 && (s[1] == '!' || s[1] == '^') {
		from = 3
	}
	if len(s) <= from {
		return 0
	}
	end := strings.IndexByte(s[from:], ']')
	if end < 0 {
		return 0
	}
	return from + end + 1
}

// set turns [ab-c] or [!ab-c] into a regular expression.
func set(s string) string {
	s = s[1 : len(s)-1]
	start := "["
	if s[0] == '!' || s[0] == '^' {
		start, s = "[^", s[1:]
	}
	return start + strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `&`, `\&`, `~`, `\~`).Replace(s) + "]"
}
