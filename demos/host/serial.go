package host

// serial does one task after the other, in one goroutine.
func serial(t *trial) error {
	t.lanes = []string{"goroutine"}
	t.start([]*lane{{t: t}}, false)
	return t.wait()
}
