package engine

type liveness struct{}

func (c *compiler) coalesce() {}
