package Assay::Golden;

# assay's output compared with a text that is kept. UPDATE=1 writes it anew.
use strict;
use warnings;
use Exporter 'import';
use Test::More;

our @EXPORT_OK = qw(assay golden data spew slurp scratch);

my $top   = $ENV{top_srcdir}   // '.';
my $build = $ENV{top_builddir} // '.';

sub data { return "$top/t/data/tools" . (@_ ? "/$_[0]" : '') }

sub slurp { my ($f) = @_; open my $h, '<:raw', $f or die "$f: $!"; local $/; return scalar <$h> }

sub spew { my ($f, $text) = @_; open my $h, '>:raw', $f or die "$f: $!"; print $h $text; close $h or die; return $f }

# A directory that goes with the test.
sub scratch {
    require File::Temp;
    return File::Temp::tempdir('assay-tool-XXXXXX', TMPDIR => 1, CLEANUP => 1);
}

# Runs assay in t/data/tools: exit status, standard output, standard error.
# A reference to a text among the arguments is standard input.
sub assay {
    my ($in) = map { $$_ } grep { ref } @_;
    my @args = grep { !ref } @_;
    my $dir = scratch();
    spew("$dir/in", $in // '');
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        require POSIX;
        open STDIN,  '<', "$dir/in"  or POSIX::_exit(99);
        open STDOUT, '>', "$dir/out" or POSIX::_exit(99);
        open STDERR, '>', "$dir/err" or POSIX::_exit(99);
        require Cwd;
        my $program = Cwd::abs_path("$build/assay");
        chdir data() or POSIX::_exit(99);
        exec $program, @args or POSIX::_exit(99);
    }
    waitpid $pid, 0;
    return ($? & 127 ? "signal $?" : $? >> 8, slurp("$dir/out"), slurp("$dir/err"));
}

# The same, its status and its standard output compared.
sub golden {
    my ($name, $status, @args) = @_;
    my ($got, $out, $err) = assay(@args);
    my $file = data("$name.out");
    spew($file, $out) if $ENV{UPDATE};
    is $got, $status, "$name: exit status" or diag $err;
    is $out, -e $file ? slurp($file) : '', "$name: output";
    return $err;
}

1;
