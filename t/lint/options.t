#!/usr/bin/perl
# The option table, the sample and the manual page say the same; the manual
# pages are sound mdoc; every option is used.
use strict;
use warnings;
use Test::More;
use File::Find;

my $top   = $ENV{top_srcdir}   // '.';
my $build = $ENV{top_builddir} // '.';
my $dump  = "$build/t/tools/optdump";

sub slurp { my ($f) = @_; open my $h, '<', $f or die "$f: $!"; local $/; return <$h> }

my $sample = `$dump sample`;
is $?, 0, 'the table prints as a sample';
is slurp("$top/conf/assay.conf"), $sample, 'conf/assay.conf is the table (else: conf/update BUILDDIR)';

my $mdoc = `$dump mdoc`;
my $page = slurp("$top/conf/assay.conf.5.in");
$page =~ s/^\@OPTIONS\@\n/$mdoc/m;
is slurp("$top/conf/assay.conf.5"), $page, 'conf/assay.conf.5 is the table (else: conf/update BUILDDIR)';

SKIP: {
    my @pages = glob "$top/conf/*.[158]";
    skip 'mandoc is not installed', scalar @pages if system('command -v mandoc >/dev/null 2>&1');
    is `mandoc -T lint -W warning $_ 2>&1`, '', "$_ is sound mdoc" for @pages;
}

# A row that nothing reads is a promise not kept: its field must be used
# outside the table.
my $code = '';
find(sub { $code .= slurp($_) if /\.[ch]$/ && $File::Find::name !~ m{config/options\.c$} }, "$top/milter");
my $table = slurp("$top/milter/config/options.c");
while ($table =~ /^\{\w+, "(\w+)",.*AT\(([\w.]+)\)/mg) {
    my ($name, $field) = ($1, $2);
    my ($last) = $field =~ /(\w+)$/;
    my $uses = () = $code =~ /(?:->|\.)\Q$last\E\b/g;
    ok $uses > 0, "option $name is used ($field)";
}

# Whoever watches a log finds each event in the manual.
my $manual = slurp("$top/conf/assayd.8");
my %event = map { $_ => 1 } $code =~ /\bLOG_LEVEL_[A-Z]+,\s*"([a-z_]+)"\s*,/g;
cmp_ok scalar(keys %event), '>', 30, 'there are events';
like $manual, qr/\b$_\b/, "event $_ is in the manual" for sort keys %event;
done_testing;
