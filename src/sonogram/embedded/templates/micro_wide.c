
static int64_t shift_right_64(int64_t x, int bits)
{
    return x < 0 ? ~(~x >> bits) : x >> bits;
}
