/* Return the sample that extends the clip at a position beyond its edges: the mirrored clip is periodic,
   so that a clip shorter than its padding is mirrored again and again. */
static float mirrored(const frontend *state, int32_t position)
{
    int32_t total = state->total;
    while (position < 0 || position >= total) {
        if (total == 1)
            position = 0;
        else
            position = position < 0 ? $before : $after;
    }
    return state->ring[place_of(state, total + state->after - position)];
}

/* Put the mirrored samples before the first one, which later ones have not reached in the ring. */
static void extend_beginning(frontend *state)
{
    for (int32_t before = 1; before <= PAD_LEFT; before++)
        state->ring[place_of(state, state->total + before)] = mirrored(state, -before);
    state->extended = 1;
}
