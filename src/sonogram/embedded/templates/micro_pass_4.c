/* Combine transforms of `span` points, four at a time. */
static void pass_4(int16_t *bins, size_t span)
{
    const size_t step = POINTS / (4 * span);
    for (size_t at = 0; at < POINTS; at += 4 * span) {
        for (size_t k = 0; k < span; k++) {
            int16_t *to_a = bins + 2 * (at + k), *to_b = to_a + 2 * span;
            int16_t *to_c = to_b + 2 * span, *to_d = to_c + 2 * span;
            const complex_16 a = divided(to_a, 4);
            const complex_16 b = multiply(divided(to_b, 4), roots + 2 * k * step);
            const complex_16 c = multiply(divided(to_c, 4), roots + 4 * k * step);
            const complex_16 d = multiply(divided(to_d, 4), roots + 6 * k * step);
            const complex_16 even = add(a, c), left = subtract(a, c), odd = add(b, d), right = subtract(b, d);
            const complex_16 turned = {right.im, low_16(-right.re)}; /* a quarter turn clockwise */
            store(to_a, add(even, odd));
            store(to_b, add(left, turned));
            store(to_c, subtract(even, odd));
            store(to_d, subtract(left, turned));
        }
    }
}
