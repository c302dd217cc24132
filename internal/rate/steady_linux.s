// Empty: lets the compiler accept the functions without a body in steady_linux.go.
