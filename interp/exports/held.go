package exports

import "strings"

// Held is put before the import path of a package of a module that this program
// holds itself, in whatever version: the dynamic linker would bind cells to the
// program's own copy, which may be another version and lacks what the program
// does not use. Nobody sees it but reflection: see Plain.
const Held = "interleave/mod/"

// Plain takes Held out of a text, such as a trace.
func Plain(text string) string { return strings.ReplaceAll(text, Held, "") }
