package engine

const goarch = "amd64"
