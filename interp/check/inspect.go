package check

func (s *Session) Inspect(code string, offset int, detail int) (markdown, text string, found bool) {
	return
}
