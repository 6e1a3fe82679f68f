package Assay::Source;

# The C sources as the lints see them: which files there are, their code
# without comments and strings, their functions, switches and enumerators.
# Relies on what format.t checks: clang-format's layout, names in column 0.
use strict;
use warnings;
use Exporter 'import';
use File::Find;

our @EXPORT_OK = qw(top sources slurp code comments functions switches
    enumerators includes archive_files room_of);

sub top { return $ENV{top_srcdir} // '.' }

# Files below the given directories of the tree whose names match, sorted, as
# paths from the top.
sub sources {
    my ($pattern, @dirs) = @_;
    my $top = top();
    my @files;
    for my $dir (grep { -d "$top/$_" } @dirs) {
        find({ no_chdir => 1,
               wanted => sub { push @files, $_ if -f && /$pattern/ } }, "$top/$dir");
    }
    s{^\Q$top\E/}{} for @files;
    return sort @files;
}

sub slurp {
    my ($file) = @_;
    my $path = top() . "/$file";
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return scalar(<$fh>) // '';
}

my $string  = qr/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/s;
my $comment = qr{/\*.*?\*/|//[^\n]*}s;

sub blank {
    my ($text) = @_;
    $text =~ s/[^\n]/ /g;
    return $text;
}

# The same text, line for line and column for column, with comments and what
# stands in strings and character constants blanked.
sub code {
    my ($text) = @_;
    $text =~ s{($comment)|($string)}{
        defined $1 ? blank($1) : substr($2, 0, 1) . blank(substr $2, 1, -1) . substr($2, -1)}ge;
    return $text;
}

# { line => number, text => "/* ... */" } for each comment.
sub comments {
    my ($text) = @_;
    my @found;
    while ($text =~ m{($comment)|$string}g) {
        next unless defined $1;
        push @found, { line => 1 + (substr($text, 0, $-[0]) =~ tr/\n//), text => $1 };
    }
    return @found;
}

# { name, line (of the name), end, body } for each function of code() text: its
# name and its braces stand in column 0.
sub functions {
    my ($code) = @_;
    my @found;
    while ($code =~ /^(\w+)\([^;{}]*\)\n\{\n(.*?)^\}/msg) {
        my ($name, $body, $start, $end) = ($1, $2, $-[0], $+[0]);
        push @found, { name => $name, body => $body,
                       line => 1 + (substr($code, 0, $start) =~ tr/\n//),
                       end  => 1 + (substr($code, 0, $end) =~ tr/\n//) };
    }
    return @found;
}

# { offset, labels => [...], default => bool } for each switch of code() text,
# nested ones on their own.
sub switches {
    my ($code) = @_;
    my $braces = qr/(\{(?:[^{}]++|(?-1))*+\})/;
    my @found;
    while ($code =~ /\bswitch\b[^{;]*(?=\{)/g) {
        my $at = $-[0];
        my ($block) = substr($code, $+[0]) =~ /^$braces/ or next;
        my $inner = substr $block, 1, -1;
        1 while $inner =~ s/\bswitch\b[^{;]*$braces/ /;
        push @found, { offset => $at, default => scalar($inner =~ /\bdefault\s*:/),
                       labels => [$inner =~ /\bcase\s+(\w+)\s*:/g] };
    }
    return @found;
}

# The names in all our enums, as keys.
sub enumerators {
    my %name;
    for my $file (sources(qr/\.[ch]$/, 'milter')) {
        my $code = code(slurp($file));
        while ($code =~ /\benum\s*\w*\s*\{([^}]*)\}/g) {
            $name{$_} = $file for map { /^\s*(\w+)/ ? $1 : () } split /,/, $1;
        }
    }
    return %name;
}

# [line, "<x.h>" or "\"room/x.h\""] for each include.
sub includes {
    my ($text) = @_;
    my $n = 0;
    my @found;
    for (split /\n/, $text) {
        $n++;
        push @found, [$n, $1] if /^\s*#\s*include\s+([<"][^>"]+[>"])/;
    }
    return @found;
}

# What the room.am files list for an archive or program (libcore_a_SOURCES).
sub archive_files {
    my ($variable) = @_;
    my @files;
    for my $am ('Makefile.am', sources(qr/\.am$/, 'milter', 't')) {
        next unless -f top() . "/$am";
        my $text = slurp($am);
        $text =~ s/\\\n/ /g;
        push @files, split ' ', $1
            while $text =~ /^(?:$variable)\s*\+?=[ \t]*(.*)$/mg;
    }
    return @files;
}

sub room_of {
    my ($file) = @_;
    return $file =~ m{^milter/(\w+)/} ? $1 : '';
}

1;
