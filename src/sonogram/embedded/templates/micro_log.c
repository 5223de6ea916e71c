
/* Return the natural logarithm, of $log_bits fractional bits; 0 for values of at most 1. */
static uint32_t logarithm(uint32_t x)
{
    x = x $correct;
    if (x <= 1)
        return 0;
    const int exponent = bit_length(x) - 1;
    uint32_t rest = x - ((uint32_t)1 << exponent);
    rest = exponent < 16 ? rest << (16 - exponent) : rest >> (exponent - 16);
    const uint32_t segment = rest >> 9; /* of 128 in an octave */
    const int32_t begin = logarithms[segment], slope = logarithms[segment + 1] - begin;
    const int64_t bend = shift_right_64((int64_t)slope * (rest - (segment << 9)), 16);
    const int64_t octaves = ((int64_t)exponent << 16) + rest + begin + bend;
    const int64_t natural = (45426 * octaves + 32768) >> 16; /* times ln 2 */
    return (uint32_t)(((natural << $log_bits) + 32768) >> 16);
}
