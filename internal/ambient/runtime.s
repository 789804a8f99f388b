// Empty: it tells the compiler that functions without a body are defined elsewhere.
