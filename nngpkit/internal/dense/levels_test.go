package dense

func levels() []kernels { return []kernels{portable} }
