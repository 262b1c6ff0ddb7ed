package session

import "runtime"

const goarch = runtime.GOARCH
