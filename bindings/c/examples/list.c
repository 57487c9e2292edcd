/* What is there: list DEVICES */
#include <imprint.h>
#include <stdio.h>

static void show(const char *title, struct imprint_list *list)
{
    printf("%s: %zu\n", title, imprint_list_count(list));
    for (size_t i = 0; i < imprint_list_count(list); i++)
        printf("  %s  %s\n", imprint_list_name(list, i), imprint_list_about(list, i));
    imprint_list_free(list);
}

int main(int argc, char **argv)
{
    struct imprint_failure *failure = NULL;
    struct imprint_engine_options with = { .struct_size = sizeof with,
                                           .devices = (const char *[]){ argc > 1 ? argv[1] : NULL, NULL } };
    printf("libimprint %s\n", imprint_version());
    struct imprint_engine *engine = imprint_engine_new(&with, &failure);
    show("devices", imprint_list_devices(engine, &failure));
    show("probes", imprint_list_probes(&failure));
    if (failure) printf("%s: %s\n", imprint_failure_code(failure), imprint_failure_message(failure));
    int exit = failure ? 1 : 0;
    imprint_failure_free(failure);
    imprint_engine_free(engine);
    return exit;
}
