package engine

const goarch = "arm64"
