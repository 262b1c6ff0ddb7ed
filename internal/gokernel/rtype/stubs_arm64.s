#include "textflag.h"

// Method stubs. Stub i loads the function object in slot i as the closure
// context and jumps to its code, as a call of a func value does. Registers with
// arguments are not touched; R26 is the context register. R16 holds the slots'
// address: the linker's own scratch register. Every stub has 5 instructions.

#define STUB(i) MOVD $·slots(SB), R16; MOVD (8*(i))(R16), R26; MOVD (R26), R16; JMP (R16)
#define STUB4(i) STUB(i); STUB(i+1); STUB(i+2); STUB(i+3)
#define STUB16(i) STUB4(i); STUB4(i+4); STUB4(i+8); STUB4(i+12)
#define STUB64(i) STUB16(i); STUB16(i+16); STUB16(i+32); STUB16(i+48)
#define STUB256(i) STUB64(i); STUB64(i+64); STUB64(i+128); STUB64(i+192)
#define STUB1024(i) STUB256(i); STUB256(i+256); STUB256(i+512); STUB256(i+768)

TEXT ·stubs(SB), NOSPLIT|NOFRAME, $0-0
	STUB1024(0)
	STUB1024(1024)
	STUB1024(2048)
	STUB1024(3072)
	RET

// func stubBase() unsafe.Pointer
TEXT ·stubBase(SB), NOSPLIT, $0-8
	MOVD $·stubs(SB), R0
	MOVD R0, ret+0(FP)
	RET
