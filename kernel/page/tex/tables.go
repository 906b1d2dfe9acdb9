package tex

import "strings"

// symbols are commands without arguments, as elements.
var symbols = func() map[string]string {
	all := map[string]string{}
	add := func(pairs string, element func(sign string) string) {
		fields := strings.Fields(pairs)
		for i := 0; i+1 < len(fields); i += 2 {
			all[`\`+fields[i]] = element(fields[i+1])
		}
	}
	add(`alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ
		pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω hbar ℏ ell ℓ imath ı jmath ȷ`,
		func(s string) string { return "<mi>" + s + "</mi>" })
	add(`Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω infty ∞ partial ∂ nabla ∇ emptyset ∅ varnothing ∅
		Re ℜ Im ℑ aleph ℵ wp ℘ angle ∠ top ⊤ bot ⊥ square □`,
		func(s string) string { return `<mi mathvariant="normal">` + s + "</mi>" })
	add(`times × div ÷ cdot ⋅ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ cap ∩ cup ∪ setminus ∖ wedge ∧ land ∧ vee ∨ lor ∨
		leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ ll ≪ gg ≫ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ propto ∝ prec ≺ succ ≻ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆
		supset ⊃ supseteq ⊇ mid ∣ parallel ∥ perp ⊥ vdash ⊢ models ⊨ to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ implies ⟹
		Leftarrow ⇐ Leftrightarrow ⇔ iff ⟺ mapsto ↦ longrightarrow ⟶ uparrow ↑ downarrow ↓ forall ∀ exists ∃ neg ¬ lnot ¬ therefore ∴ because ∵
		ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ colon : prime ′ dagger † langle ⟨ rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lvert | rvert | vert |
		lbrace { rbrace } { { } } | ‖ Vert ‖ % % # # & & _ _ $ $ backslash \`, operator)
	add(`int ∫ iint ∬ iiint ∭ oint ∮`, func(s string) string { return "<mo>" + s + "</mo>" })
	add(`sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigvee ⋁ bigwedge ⋀`, limited)
	for _, name := range []string{"lim", "max", "min", "sup", "inf", "det", "gcd", "Pr"} {
		all[`\`+name] = limited(name)
	}
	for _, name := range []string{"limsup", "liminf"} {
		all[`\`+name] = limited(name[:3] + "\u202f" + name[3:])
	}
	all[`\argmax`], all[`\argmin`] = limited("arg\u202fmax"), limited("arg\u202fmin")
	for name := range strings.FieldsSeq("sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan log ln lg exp dim ker deg arg hom") {
		all[`\`+name] = "<mrow><mi>" + name + "</mi><mo>\u2061</mo></mrow>" // a function, applied
	}
	all[`\bmod`] = `<mo lspace="0.2222em" rspace="0.2222em">mod</mo>`
	return all
}()

// limited is an operator whose scripts stand above and below it where there is room.
func limited(sign string) string { return `<mo movablelimits="true">` + sign + "</mo>" }

// large are the commands of such operators.
var large = func() map[string]bool {
	all := map[string]bool{}
	for name, element := range symbols {
		all[name] = strings.Contains(element, "movablelimits")
	}
	return all
}()

// spaces are commands for blanks, with their widths.
var spaces = map[string]string{
	`\,`: "0.167em", `\:`: "0.222em", `\>`: "0.222em", `\;`: "0.278em", `\!`: "-0.167em", `\ `: "0.333em", `\quad`: "1em", `\qquad`: "2em",
}

type accent struct {
	sign        string
	wide, below bool
}

var accents = map[string]accent{
	`\hat`: {"^", false, false}, `\widehat`: {"^", true, false}, `\bar`: {"¯", false, false}, `\overline`: {"¯", true, false},
	`\tilde`: {"~", false, false}, `\widetilde`: {"~", true, false}, `\vec`: {"→", false, false}, `\overrightarrow`: {"→", true, false},
	`\dot`: {"˙", false, false}, `\ddot`: {"¨", false, false}, `\underline`: {"_", true, true},
	`\overbrace`: {"⏞", true, false}, `\underbrace`: {"⏟", true, true},
}

var delimiters = map[string]string{
	"(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "/": "/", ".": "", `\{`: "{", `\}`: "}", `\lbrace`: "{", `\rbrace`: "}", `\|`: "‖", `\Vert`: "‖",
	`\vert`: "|", `\lvert`: "|", `\rvert`: "|", `\langle`: "⟨", `\rangle`: "⟩", `\lceil`: "⌈", `\rceil`: "⌉", `\lfloor`: "⌊", `\rfloor`: "⌋",
}

// environments are tables, with the brackets around them and the class of page.css
// that aligns their columns.
var environments = map[string]struct {
	left, right, class string
	display            bool
}{
	"matrix": {}, "array": {}, "pmatrix": {left: "(", right: ")"}, "bmatrix": {left: "[", right: "]"}, "Bmatrix": {left: "{", right: "}"},
	"vmatrix": {left: "|", right: "|"}, "Vmatrix": {left: "‖", right: "‖"}, "cases": {left: "{", class: "cases"},
	"align": {class: "aligned", display: true}, "aligned": {class: "aligned", display: true}, "split": {class: "aligned", display: true},
	"equation": {display: true}, "gather": {display: true}, "gathered": {display: true},
}

// alphabets give the letters of one of Unicode's mathematical alphabets.
// Source: Unicode, Mathematical Alphanumeric Symbols; its gaps are older letters.
var alphabets = map[string]func(rune) rune{
	`\mathbf`:   alphabet(0x1D400, 0x1D41A, 0x1D7CE, ""),
	`\mathbb`:   alphabet(0x1D538, 0x1D552, 0x1D7D8, "CℂHℍNℕPℙQℚRℝZℤ"),
	`\mathcal`:  alphabet(0x1D49C, 0x1D4B6, '0', "BℬEℰFℱHℋIℐLℒMℳRℛeℯgℊoℴ"),
	`\mathfrak`: alphabet(0x1D504, 0x1D51E, '0', "CℭHℌIℑRℜZℨ"),
	`\mathsf`:   alphabet(0x1D5A0, 0x1D5BA, 0x1D7E2, ""),
	`\mathtt`:   alphabet(0x1D670, 0x1D68A, 0x1D7F6, ""),
}

func alphabet(upper, lower, zero rune, older string) func(rune) rune {
	gaps := map[rune]rune{}
	letters := []rune(older)
	for i := 0; i+1 < len(letters); i += 2 {
		gaps[letters[i]] = letters[i+1]
	}
	return func(r rune) rune {
		switch gap, is := gaps[r]; {
		case is:
			return gap
		case r >= 'A' && r <= 'Z':
			return upper + r - 'A'
		case r >= 'a' && r <= 'z':
			return lower + r - 'a'
		case r >= '0' && r <= '9':
			return zero + r - '0'
		}
		return r
	}
}
