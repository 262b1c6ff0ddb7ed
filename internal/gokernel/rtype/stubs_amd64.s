#include "textflag.h"

// Method stubs. Stub i loads the function object in slot i as the closure
// context and jumps to its code, as a call of a func value does. Registers with
// arguments are not touched; DX is the context register.

#define STUB(i) MOVQ ·slots+(8*(i))(SB), DX; JMP (DX)
#define STUB4(i) STUB(i); STUB(i+1); STUB(i+2); STUB(i+3)
#define STUB16(i) STUB4(i); STUB4(i+4); STUB4(i+8); STUB4(i+12)
#define STUB64(i) STUB16(i); STUB16(i+16); STUB16(i+32); STUB16(i+48)
#define STUB256(i) STUB64(i); STUB64(i+64); STUB64(i+128); STUB64(i+192)
#define STUB1024(i) STUB256(i); STUB256(i+256); STUB256(i+512); STUB256(i+768)
#define STUB4096(i) STUB1024(i); STUB1024(i+1024); STUB1024(i+2048); STUB1024(i+3072)

TEXT ·stubs(SB), NOSPLIT|NOFRAME, $0-0
	STUB4096(0)
	STUB4096(4096)
	STUB4096(8192)
	STUB4096(12288)
	RET

// func stubBase() unsafe.Pointer
TEXT ·stubBase(SB), NOSPLIT, $0-8
	LEAQ ·stubs(SB), AX
	MOVQ AX, ret+0(FP)
	RET
