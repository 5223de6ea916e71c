/* Return the place in the ring of a sample: 1 is the newest, 2 the one before. */
static size_t place_of(const frontend *state, int32_t back)
{
    int32_t place = state->next - back;
    return (size_t)(place < 0 ? place + RING : place);
}

static void append(frontend *state, float x)
{
    state->ring[state->next] = x;
    state->next = state->next + 1 < RING ? state->next + 1 : 0;
    state->lag++;
}
