package imageset

// Lengths are in units of 1/256 pixel; a shape's own coordinates are in units
// of 1/4096 of its radius; angles are in units of 1/256 turn.
const (
	pixel  = 256
	radius = 4096
)

// sine[a] is sin(2 pi a / 256) in units of 2^-14, made by turning a vector
// step by step in integers (64 bits keep its error below one unit).
var sine = func() (t [256]int64) {
	// cos and sin of 1/256 turn in units of 2^-30.
	const c, s = 1073418433, 26350943
	x, y := int64(1)<<30, int64(0)
	for a := range t {
		t[a] = (y + 1<<15) >> 16
		x, y = (x*c-y*s+1<<29)>>30, (x*s+y*c+1<<29)>>30
	}
	return t
}()

// frame maps a place of the image to the coordinates of a shape.
type frame struct {
	x, y  int64    // center
	reach int64    // no outline extends farther from the center
	m     [4]int64 // rotation and scale, in units of 2^-20
}

// newFrame returns the frame of a shape at (x, y), turned by angle, that
// reaches rx along its own first axis and ry along its second.
func newFrame(x, y, rx, ry, angle int64) frame {
	sin, cos := sine[angle&255], sine[(angle+64)&255]
	const unit = radius << 6     // 2^-14 to 2^-20
	reach := max(rx, ry) * 5 / 4 // a square's corners are at 1.13 radii
	return frame{x, y, reach, [4]int64{cos * unit / rx, sin * unit / rx, -sin * unit / ry, cos * unit / ry}}
}

func (f frame) at(x, y int64) (u, v int64) {
	x, y = x-f.x, y-f.y
	return (x*f.m[0] + y*f.m[1]) >> 20, (x*f.m[2] + y*f.m[3]) >> 20
}

// outline tells whether (u, v) is inside a class's outline.
func outline(class int, u, v int64) bool {
	rr := u*u + v*v
	const r2 = radius * radius
	switch class {
	case 0: // disc
		return rr <= r2
	case 1: // ring
		return rr <= r2 && rr*100 >= r2*34
	case 2: // square
		const side = radius * 80 / 100
		return abs(u) <= side && abs(v) <= side
	case 3: // triangle: three half-planes at half the radius
		return insideSides(u, v, 3, radius/2) == 3
	case 4: // cross
		a, b := abs(u), abs(v)
		const arm = radius * 31 / 100
		return a <= arm && b <= radius || b <= arm && a <= radius
	case 5: // star: inside at least four of the five lines of a pentagram
		return insideSides(u, v, 5, radius*36/100) >= 4 && rr <= r2
	default: // crescent: a disc less another, shifted
		w := u - radius*55/100
		return rr <= r2 && w*w+v*v > r2*72/100
	}
}

// insideSides counts the sides of a regular polygon, at the given distance
// from its center, on whose inner side (u, v) lies.
func insideSides(u, v int64, sides int, distance int64) int {
	n := 0
	for k := 0; k < sides; k++ {
		a := (256*k + sides/2) / sides
		if u*sine[(a+64)&255]+v*sine[a&255] <= distance<<14 {
			n++
		}
	}
	return n
}

// texture tells whether (x, y), in units of a quarter period, is ink.
func texture(class int, x, y int64) bool {
	const period = 4 * pixel
	switch class {
	case 7: // stripes
		return x&(period-1) < period/2
	case 8: // checks
		return (x&(period-1) < period/2) != (y&(period-1) < period/2)
	default: // dots, every second row shifted by half a period
		if y&period != 0 {
			x += period / 2
		}
		x, y = x&(period-1)-period/2, y&(period-1)-period/2
		return x*x+y*y < 30*pixel*pixel/16
	}
}

func abs(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}

// scene is what an image shows.
type scene struct {
	ground  [2]rgb // the background runs between two colors
	lattice [2][7][7]int64
	clutter []mark
	object  []mark // one
	cover   []mark
}

// mark is a shape with its colors.
type mark struct {
	class int   // of the outline
	f     frame // of the outline
	ink   rgb
	shade rgb // the ink runs towards this color along the first axis

	texture int // class of the texture, 0 for none
	tf      frame
	paper   rgb // between the ink of a texture
}

func (m *mark) color(x, y int64) (rgb, bool) {
	u, v := m.f.at(x, y)
	if !outline(m.class, u, v) {
		return rgb{}, false
	}
	if m.texture != 0 {
		if p, q := m.tf.at(x, y); !texture(m.texture, p, q) {
			return m.paper, true
		}
	}
	t := (u + radius) * 128 / radius
	return mix(m.ink, m.shade, max(0, min(t, 256))), true
}

// Brightness separates the object from the ground, most often as the lighter
// of the two; hue is free.
const hue = 45

// newScene draws the parameters of an image of the class.
func newScene(class int, r *stream) *scene {
	s := &scene{}
	dark := r.between(40, 110)
	light := dark + r.between(55, 115)
	if r.below(100) < 25 {
		dark, light = light, dark
	}
	s.ground[0] = r.color(dark, hue)
	s.ground[1] = r.color(dark+r.between(-30, 30), hue)
	for o := range s.lattice {
		for y := range s.lattice[o] {
			for x := range s.lattice[o][y] {
				s.lattice[o][y][x] = r.below(257)
			}
		}
	}
	for k := r.between(1, 4); k > 0; k-- {
		s.clutter = append(s.clutter, debris(r, r.color(r.between(30, 220), hue), pixel, 3*pixel))
	}
	s.object = []mark{object(class, r, dark, light)}
	if r.below(100) < 40 { // a bar or a speck in front, often over the object
		s.cover = append(s.cover, debris(r, r.color(r.between(30, 220), hue), pixel, 2*pixel))
	}
	return s
}

// debris is a small shape or a bar of any color, anywhere.
func debris(r *stream, ink rgb, lo, hi int64) mark {
	m := mark{class: int(r.below(4)), ink: ink, shade: ink}
	x, y := r.between(0, 32*pixel), r.between(0, 32*pixel)
	rx, ry := r.between(lo, hi), r.between(lo, hi)
	if r.below(2) == 0 { // a bar
		m.class, rx, ry = 2, r.between(4*pixel, 12*pixel), r.between(pixel/2, pixel)
	}
	m.f = newFrame(x, y, rx, ry, r.below(256))
	return m
}

// object is the shape that the label names.
func object(class int, r *stream, dark, light int64) mark {
	size := r.between(9*pixel, 14*pixel)
	rx, ry := size, size*r.between(80, 100)/100
	x, y := r.between(11*pixel, 21*pixel), r.between(11*pixel, 21*pixel)
	angle := r.between(-24, 24) & 255
	m := mark{class: class, ink: r.color(light, hue)}
	m.shade = r.color(light+r.between(-30, 30), hue)
	m.f = newFrame(x, y, rx, ry, angle)
	if class >= drawnTexture {
		m.class, m.texture = int(r.below(drawnTexture)), class
		m.paper = r.color(dark, hue)
		quarter := r.between(pixel, 3*pixel/2) * radius / pixel
		m.tf = newFrame(x, y, quarter, quarter, angle)
	}
	return m
}

// background returns the ground's color: two octaves of value noise.
func (s *scene) background(x, y int64) rgb {
	t := (3*noise(&s.lattice[0], x*2/3, y*2/3) + noise(&s.lattice[1], x*3/2, y*3/2)) / 4
	return mix(s.ground[0], s.ground[1], t)
}

// noise interpolates a lattice of 0..256 whose cells are 8 pixels wide.
func noise(l *[7][7]int64, x, y int64) int64 {
	const cell = 8 * pixel
	i, j := y/cell, x/cell
	fy, fx := y%cell, x%cell
	top := l[i][j]*(cell-fx) + l[i][j+1]*fx
	low := l[i+1][j]*(cell-fx) + l[i+1][j+1]*fx
	return (top*(cell-fy) + low*fy) / (cell * cell)
}

// near lists the marks, front to back, that may touch the pixel whose upper
// left corner is (x, y).
func (s *scene) near(dst []*mark, x, y int64) []*mark {
	for _, group := range [3][]mark{s.cover, s.object, s.clutter} {
		for k := range group {
			f := &group[k].f
			if x+pixel > f.x-f.reach && x < f.x+f.reach && y+pixel > f.y-f.reach && y < f.y+f.reach {
				dst = append(dst, &group[k])
			}
		}
	}
	return dst
}

// pixel returns the mean of 3 x 3 samples of the pixel whose upper left corner
// is (x, y). The background is smooth: one sample does.
func (s *scene) pixel(marks []*mark, x, y int64) rgb {
	back := s.background(x+pixel/2, y+pixel/2)
	if len(marks) == 0 {
		return back
	}
	var sum rgb
	for k := int64(0); k < 9; k++ {
		c := back
		for _, m := range marks {
			if ink, ok := m.color(x+43+85*(k%3), y+43+85*(k/3)); ok {
				c = ink
				break
			}
		}
		for i := range sum {
			sum[i] += c[i]
		}
	}
	for i := range sum {
		sum[i] /= 9
	}
	return sum
}

// drawImage renders a scene of the class into 32x32x3 bytes, with the light,
// the contrast and the noise of the whole image.
func drawImage(dst []uint8, class int, r *stream) {
	s := newScene(class, r)
	gain, light := r.between(190, 256), r.between(-20, 20)
	grain := r.between(3, 13)
	marks := make([]*mark, 0, 8)
	for p := range drawnSide * drawnSide {
		x, y := int64(p%drawnSide)*pixel, int64(p/drawnSide)*pixel
		marks = s.near(marks[:0], x, y)
		for i, v := range s.pixel(marks, x, y) {
			// The sum of three uniform numbers is bell-shaped enough.
			n := r.between(-grain, grain) + r.between(-grain, grain) + r.between(-grain, grain)
			v = ((v-128)*gain)>>8 + 128 + light + n
			dst[3*p+i] = uint8(max(0, min(v, 255)))
		}
	}
}
