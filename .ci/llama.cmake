# How llama-cpp-python is compiled here; named as CMAKE_PROJECT_llama_cpp_INCLUDE by build_llama.py.
#
# Left out: llama.cpp's `common` and `mtmd`, which nothing of ours loads. They are 104 of 178 objects.
#
# On x86 the kernels (libggml-cpu) are compiled three times instead of for the computer that compiles: for any x86-64
# with SSE 4.2, for AVX2, and for AVX-512 with VNNI. vehicle_agent/planning/native.py loads the one that fits the
# processor it runs on. AMX is in none of them: gcc 12 makes "Illegal instruction" of it (llama.cpp pull request 26954).

set(LLAMA_BUILD_COMMON OFF)  # a normal variable wins over llama-cpp-python's forced cache entry (policy CMP0126)
set(LLAVA_BUILD OFF)

# The rest loads, tokenizes and builds graphs; compiled with less effort it is as fast and takes two thirds of the time.
set(CMAKE_C_FLAGS_RELEASE "-O1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELEASE "-O1 -DNDEBUG")
cmake_language(DEFER CALL target_compile_options ggml-cpu PRIVATE -O3)

set(avx2_flags -msse4.2 -mavx -mavx2 -mfma -mf16c -mbmi2)
set(avx512_flags ${avx2_flags} -mavx512f -mavx512cd -mavx512vl -mavx512dq -mavx512bw -mavx512vbmi -mavx512vnni)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    set(GGML_NATIVE OFF)
    foreach(feature AVX AVX2 BMI2 FMA F16C)
        set(GGML_${feature} OFF)
    endforeach()

    # The same sources as ggml-cpu, other flags. The soname is the same too: whichever is loaded first is the one used.
    function(add_kernels name)
        set(target ggml-cpu-${name})
        find_package(Threads REQUIRED)
        find_package(OpenMP)  # imported targets are known in the folder that looked for them alone
        get_target_property(folder ggml-cpu SOURCE_DIR)
        get_target_property(sources ggml-cpu SOURCES)
        list(FILTER sources INCLUDE REGEX "\\.(c|cpp)$")
        list(TRANSFORM sources PREPEND "${folder}/" REGEX "^[^/]")
        add_library(${target} SHARED ${sources})
        foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS C_STANDARD CXX_STANDARD LINK_LIBRARIES)
            get_target_property(value ggml-cpu ${property})
            if(value)
                set_target_properties(${target} PROPERTIES ${property} "${value}")
            endif()
        endforeach()
        get_target_property(soversion ggml-cpu SOVERSION)
        get_directory_property(definitions DIRECTORY ${folder} COMPILE_DEFINITIONS)
        target_compile_definitions(${target} PRIVATE GGML_BACKEND_BUILD GGML_BACKEND_SHARED GGML_SHARED ${definitions})
        target_compile_options(${target} PRIVATE -O3 ${ARGN})
        set_target_properties(${target} PROPERTIES
            OUTPUT_NAME ggml-cpu
            SOVERSION ${soversion}
            LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/kernels/${name}
            BUILD_WITH_INSTALL_RPATH TRUE
            INSTALL_RPATH "$ORIGIN/..")
        install(TARGETS ${target} LIBRARY
            DESTINATION ${SKBUILD_PLATLIB_DIR}/llama_cpp/lib/${name} NAMELINK_SKIP)
    endfunction()
    cmake_language(DEFER CALL add_kernels avx2 ${avx2_flags})
    cmake_language(DEFER CALL add_kernels avx512 ${avx512_flags})
endif()
