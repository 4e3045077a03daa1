# Flags and helper functions every target of the project shares.

find_program(HOTLINE_CCACHE ccache)
if(HOTLINE_CCACHE)
  # Without this sloppiness ccache calls every file that uses a precompiled header uncacheable.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime
      ${HOTLINE_CCACHE})
endif()
find_program(HOTLINE_MOLD mold)
if(HOTLINE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(hotline_flags INTERFACE)
target_compile_options(hotline_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                               -Wimplicit-fallthrough -Wswitch -Werror)
target_include_directories(hotline_flags INTERFACE ${CMAKE_SOURCE_DIR})

if(HOTLINE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined
                      -fno-sanitize=null,alignment,vptr,object-size -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=address,undefined)
endif()

# hotline_library(NAME SOURCES ... LINKS ...): one room of the house, a static library.
function(hotline_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC hotline_flags ${arg_LINKS})
endfunction()

# hotline_test(NAME SOURCES ... LINKS ...): one doctest program, registered with CTest.
function(hotline_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE hotline_flags hotline_test_main ${arg_LINKS})
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()
