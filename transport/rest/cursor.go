package rest

// cursor walks over JSON that is known to be valid.
type cursor struct {
	data []byte
	pos  int
}

// next returns the next value without the space around it.
func (c *cursor) next() []byte {
	c.space()
	start := c.pos
	switch c.data[c.pos] {
	case '"':
		c.text()
	case '{', '[':
		c.nested()
	default:
		for c.pos < len(c.data) && !ends(c.data[c.pos]) {
			c.pos++
		}
	}
	return c.data[start:c.pos]
}

// more steps to the next item of an object or a list, or over its end, and reports which.
func (c *cursor) more(end byte) bool {
	c.space()
	if c.data[c.pos] == ',' {
		c.pos++
		c.space()
	}
	if c.data[c.pos] == end {
		c.pos++
		return false
	}
	return true
}

// colon steps over the colon after a name.
func (c *cursor) colon() {
	c.space()
	c.pos++
}

func (c *cursor) space() {
	for c.pos < len(c.data) && isSpace(c.data[c.pos]) {
		c.pos++
	}
}

func (c *cursor) text() {
	for c.pos++; c.data[c.pos] != '"'; c.pos++ {
		if c.data[c.pos] == '\\' {
			c.pos++
		}
	}
	c.pos++
}

// nested steps over an object or a list. It does not recurse: how deep the value goes is the client's choice.
func (c *cursor) nested() {
	for depth := 0; ; {
		switch c.data[c.pos] {
		case '"':
			c.text()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if c.pos++; depth == 0 {
			return
		}
	}
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func ends(b byte) bool { return isSpace(b) || b == ',' || b == '}' || b == ']' }
