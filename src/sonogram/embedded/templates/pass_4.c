static inline void butterfly_4(float *a, float *b, float *c, float *d)
{
    float even_re = a[0] + c[0], even_im = a[1] + c[1];
    float odd_re = b[0] + d[0], odd_im = b[1] + d[1];
    float left_re = a[0] - c[0], left_im = a[1] - c[1];
    float right_re = b[1] - d[1], right_im = d[0] - b[0]; /* b - d, a quarter turn clockwise */
    a[0] = even_re + odd_re;
    a[1] = even_im + odd_im;
    b[0] = left_re + right_re;
    b[1] = left_im + right_im;
    c[0] = even_re - odd_re;
    c[1] = even_im - odd_im;
    d[0] = left_re - right_re;
    d[1] = left_im - right_im;
}
