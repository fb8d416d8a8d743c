// Empty: with a file of this sort beside it, Go takes functions without a body, which flowControl.go names by go:linkname.
