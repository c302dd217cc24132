// Empty: lets the compiler accept the functions without a body in runtime_linux.go.
