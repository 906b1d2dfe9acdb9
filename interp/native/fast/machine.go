package fast

import "debug/elf"

// A machine is what differs between architectures.
type machine struct {
	elf       elf.Machine
	emulation string // that ld is told
	relative  uint32 // kind of a relocation of a word to its image's own base and a number
	absolute  uint32 // to a symbol and a number
	runtime   string // see runtimeAMD64
}

// machines are those that objects are written and read for, by GOARCH. Cells are
// linked only on those of which package build knows that it works.
var machines = map[string]machine{
	"amd64": {elf.EM_X86_64, "elf_x86_64", uint32(elf.R_X86_64_RELATIVE), uint32(elf.R_X86_64_64), runtimeAMD64},
	"arm64": {elf.EM_AARCH64, "aarch64linux", uint32(elf.R_AARCH64_RELATIVE), uint32(elf.R_AARCH64_ABS64), runtimeARM64},
}

// machineOf finds the machine that a file is for.
func machineOf(f *elf.File) (machine, bool) {
	for _, m := range machines {
		if m.elf == f.Machine && f.Class == elf.ELFCLASS64 && f.Data == elf.ELFDATA2LSB {
			return m, true
		}
	}
	return machine{}, false
}

// known tells whether a relocation is of a kind that words of data have.
func (m machine) known(kind, symbol uint32) bool {
	return kind == m.relative && symbol == 0 || kind == m.absolute && symbol != 0
}

// runtimeAMD64 is what a plugin must have of package runtime itself, and cannot
// have from the program. addmoduledata appends the module in DI to the runtime's
// list; the initialiser that cmd/link writes calls it. The other one stands in
// for code that the linker removed. The numbers are the flag NOSPLIT.
// Source: asm_amd64.s in runtime; PrepareAddmoduledata in cmd/link/internal/ld.
const runtimeAMD64 = `TEXT runtime·addmoduledata(SB),4,$0-0
	PUSHQ R15 // the assembler needs it for the table of addresses
	MOVQ runtime·lastmoduledatap(SB), AX
	MOVQ DI, %d(AX)
	MOVQ DI, runtime·lastmoduledatap(SB)
	POPQ R15
	RET

TEXT runtime·mapinitnoop<ABIInternal>(SB),4,$0-0
	RET
`

// runtimeARM64 is the same where the module is in R0. No cell was linked with it yet.
// Source: asm_arm64.s in runtime.
const runtimeARM64 = `TEXT runtime·addmoduledata(SB),4,$0-0
	SUB $16, RSP
	MOVD R27, 8(RSP) // the assembler needs it for addresses; C expects it to stay
	MOVD runtime·lastmoduledatap(SB), R1
	MOVD R0, %d(R1)
	MOVD R0, runtime·lastmoduledatap(SB)
	MOVD 8(RSP), R27
	ADD $16, RSP
	RET

TEXT runtime·mapinitnoop<ABIInternal>(SB),4,$0-0
	RET
`
