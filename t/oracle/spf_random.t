#!/usr/bin/perl
# Random zones, records and clients: spf_check against pyspf, in memory.
#
# pyspf departs from RFC 7208 in some places (t/data/DISAGREEMENTS); the oracle
# says what it says as it is, and what it says once these are put right. Ours
# has to agree with the latter each time: a difference that no entry explains
# fails. SCALE=6 makes 3000 checks of the usual 500; SEED repeats a run.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);

my $src    = $ENV{top_srcdir}   // '.';
my $build  = $ENV{top_builddir} // '.';
my $python = '/usr/bin/python3';
my $checks = 500 * ($ENV{SCALE} // 1);
my $seed   = $ENV{SEED} // 7208;
my $dir    = tempdir(CLEANUP => 1);
my ($BATCH, $PER_ZONE) = (200, 4);

system("$python -c 'import spf' 2>$dir/err") == 0
    or BAIL_OUT('no oracle: install python3-spf and python3-dns');
srand $seed;
diag "SEED=$seed";

# --- generating -------------------------------------------------------------

sub pick   { return $_[ rand @_ ] }
sub chance { return rand() < $_[0] }

my $case = 0;       # number of the zone
my @zone;           # its lines
my $base;           # the domain it is in

# Addresses of the zone: 1 to 4 are clients, the others nobody's.
sub ip4 { return sprintf '10.%d.%d.%d', $case >> 8, $case & 255, $_[0] }
sub ip6 { return sprintf '2001:db8:%x::%x', $case, $_[0] }

sub host   { return pick(map {"h$_.$base"} 0 .. 7) }
sub domain { return pick(map {"d$_.$base"} 0 .. 6) }

my @delimiters = ('') x 6;
push @delimiters, split / /, '. - + - + . , / _ = -+ .- +.';

sub macro {
    my ($letters) = @_;
    return pick('%%', '%_', '%-') if chance(0.05);
    return pick('%{x}', '%{d0}', '%(d)', '%{l|}', '%{drr}', '%{d-1}', '%{', '%', '%{c}', '%{r1}') if chance(0.02);
    my $letter = pick(split //, $letters);
    $letter = uc $letter if chance(0.15);
    return '%{' . $letter . pick('', '', '', 1 .. 4, 9, '02') . pick('', '', 'r', chance(0.1) ? 'R' : 'r') . pick(@delimiters) . '}';
}

# A domain-spec: mostly of a name that is there.
sub spec {
    my ($name) = @_;
    return $name if chance(0.6);
    return pick('museum', 'a.123', 'a..b', '.example', 'a.b-', "$name..", 'x' x 64 . '.example', "$name:25", '')
        if chance(0.05);
    return $name . '.' if chance(0.1);
    return join('.', map { macro('slodipvh') } 1 .. 1 + rand 3) . pick(".m.$base", ".m.$base", '', ".$base")
        if chance(0.5);
    return join('.', ('%{d}') x (1 + rand 20)) if chance(0.1);
    (my $label = $name) =~ s/\..*//;
    return "$label." . pick('%{d2}', '%{o2}', "%{d2r}.$base", '%{h2}');
}

sub length4 { return pick(('') x 6, qw(/24 /31 /32 /30 /0 /8), chance(0.05) ? qw(/33 /024 /-1 /) : ('/29')) }
sub length6 { return pick(('') x 6, qw(//64 //127 //128 //0 //48), chance(0.05) ? qw(//129 //) : ('//126')) }

sub mechanism {
    my $kind = rand;
    return 'all'                                                   if $kind < 0.08;
    return 'include:' . (chance(0.03) ? '%{h}' : spec(domain()))   if $kind < 0.30;
    return 'a' . (chance(0.3) ? '' : ':' . spec(host())) . length4() . length6()                     if $kind < 0.48;
    return 'mx' . (chance(0.3) ? '' : ':' . spec(pick(host(), domain()))) . length4() . length6()    if $kind < 0.60;
    return 'ptr' . (chance(0.5) ? '' : ':' . spec(pick($base, host())))                              if $kind < 0.66;
    return 'exists:' . spec(host())                                if $kind < 0.78;
    return 'ip4:' . ip4(1 + int rand 8) . length4()                if $kind < 0.87;
    return 'ip6:' . ip6(1 + int rand 8) . substr(length6() || ' ', 1) =~ s/ //r if $kind < 0.96;
    return pick('moo', 'all:x', 'include', 'ip4:1.2.3', 'ip6::', 'ptr/24', '-', 'ipv4:1.2.3.4', 'exists', 'redirect:a.b') if $kind < 0.965;
    return 'ip4:' . ip4(9);
}

sub term {
    return pick('', '', '', '-', '~', '?', '+') . mechanism() if chance(0.97);
    return pick('moo=', 'x.y-z_1=', 'a=') . pick('', 'cow', '%{d}', 'a/b:c=d', macro('slodipvh'));
}

sub record {
    my @term = map { term() } 1 .. 1 + rand(chance(0.1) ? 14 : 4);
    push @term, pick('-all', '~all', '?all', '-all', '+all') if chance(0.5);
    push @term, pick('redirect', 'redirect', 'redirect', 'Redirect') . '=' . spec(domain()) if chance(0.25);
    push @term, pick('exp', 'exp', 'exp', 'EXP') . '=' . spec("e.$base") if chance(0.3);
    push @term, "redirect=" . domain() if chance(0.01);
    @term = sort { rand() <=> 0.5 } @term if chance(0.1);
    my $record = join pick(' ', ' ', ' ', '  '), pick('v=spf1', 'v=spf1', 'v=spf1', 'V=SPF1'), @term;
    substr $record, 7 + rand(length($record) - 6), 0, pick("\t", "\xe9", "\x00", "\n", "\x7f") if chance(0.01) && length $record > 8;
    return $record . (chance(0.1) ? ' ' : '');
}

sub text {
    my ($text) = @_;
    $text =~ s/([^ !#-\[\]-~])/sprintf '\\%03d', ord $1/ge;
    my $at = chance(0.1) ? int rand length $text : 0;
    substr $text, $at, 0, '" "' if $at && substr($text, 0, $at) !~ /\\\d{0,2}$/;
    return qq("$text");
}

sub add { push @zone, join ' ', @_ }

sub trouble {
    my ($name) = @_;
    return 0 unless chance(0.04);
    add($name, pick('SERVFAIL', 'SERVFAIL', 'TIMEOUT'));
    return 1;
}

sub add_host {
    my ($name) = @_;
    return if trouble($name);
    add($name, 'CNAME', host()), return if chance(0.06);
    add($name, 'A',    ip4(1 + rand 12)) for 1 .. rand 4;
    add($name, 'AAAA', ip6(1 + rand 12)) for 1 .. rand 3;
    add($name, 'MX', $_ * 10, chance(0.05) ? '.' : host()) for 1 .. (chance(0.3) ? rand(chance(0.1) ? 13 : 4) : 0);
    return;
}

sub add_domain {
    my ($name) = @_;
    return if trouble($name);
    return add_host($name) if chance(0.06);
    add($name, 'TXT', text(record())) for 1 .. (chance(0.03) ? 2 : 1);
    add($name, 'TXT', text(pick('v=spf10 -all', 'something else', 'v=spf2.0/pra -all'))) if chance(0.2);
    add($name, 'A',    ip4(1 + rand 8)) for 1 .. rand 2;
    add($name, 'AAAA', ip6(1 + rand 8)) for 1 .. rand 2;
    add($name, 'MX', $_ * 10, host()) for 1 .. rand 3;
    return;
}

sub add_reverse {
    my ($reverse) = @_;
    return if trouble($reverse);
    add($reverse, 'PTR', pick(host(), host(), domain(), "nx.$base")) for 1 .. rand(chance(0.05) ? 14 : 3);
    return;
}

sub add_zone {
    $base = sprintf 'c%d.example', $case;
    add_host("h$_.$base")   for 0 .. 7;
    add_domain("d$_.$base") for 0 .. 6;
    for my $i (1 .. 4) {
        add_reverse(join '.', reverse(split /\./, ip4($i)), 'in-addr', 'arpa') for 1;
        add_reverse(reverse6($i));
    }
    add("*.m.$base", 'A', '127.0.0.2') if chance(0.6);
    add("*.m.$base", 'TXT', text(record())) if chance(0.3);
    add("e.$base", 'TXT', text(explanation())) for 1 .. (chance(0.1) ? 2 : 1);
    return;
}

sub reverse6 {
    my ($i) = @_;
    my $hex = sprintf '20010db8%04x%020x', $case, $i;
    return join('.', reverse split //, $hex) . '.ip6.arpa';
}

sub explanation {
    return join ' ', map { chance(0.5) ? pick(qw(See http://why/ text a.b!)) : macro('slodipvhcr') } 1 .. 1 + rand 4;
}

sub request {
    my $client = 1 + int rand 4;
    my $ip     = pick(ip4($client), ip4($client), ip6($client), '::ffff:' . ip4($client));
    my $local  = pick('user', 'a-b', 'x.y', 'strong-bad', 'a+b-c.d', '', 'l_o=g,i/c', "a'b~c!", '-a--b.');
    return join "\t", pick('mailfrom', 'mailfrom', 'mailfrom', 'helo'), $ip,
        pick(host(), domain(), domain(), 'box', '[10.0.0.1]', "H1.$base"),
        pick($local . '@' . domain(), $local . '@' . domain(), chance(0.1) ? '' : $local . '@' . domain()), 'mx.receiver.example';
}

# --- comparing --------------------------------------------------------------

sub write_lines {
    my ($path, @lines) = @_;
    open my $f, '>:raw', $path or die "$path: $!";
    print $f map {"$_\n"} @lines;
    close $f or die $!;
    return;
}

my @batches;
for (my $left = $checks; $left > 0; $left -= $BATCH) {
    my @requests;
    @zone = ('box TXT "v=spf1 +all"');
    while (@requests < ($left < $BATCH ? $left : $BATCH)) {
        $case++;
        add_zone();
        push @requests, map { request() } 1 .. $PER_ZONE;
    }
    my $n = @batches;
    write_lines("$dir/zone$n", @zone);
    write_lines("$dir/requests$n", @requests);
    push @batches, { requests => \@requests, zone => [@zone] };
}

my @theirs = map { chomp; [ split /\t/, $_, -1 ] }
    qx($python "$src/t/oracle/spf_pyspf.py" @{[map {"$dir/zone$_ $dir/requests$_"} 0 .. $#batches]});
my (%words, %class, $n, $agree, $unexplained);
for my $i (0 .. $#batches) {
    my @ours = map { chomp; [ split /\t/, $_, -1 ] } qx("$build/t/oracle/spf_cli" "$dir/zone$i" < "$dir/requests$i");
    for my $j (0 .. $#{ $batches[$i]{requests} }) {
        my ($word, $reason, undef, undef, undef, $term, $path, $text) = @{ $ours[$j] // ['nothing'] };
        my ($said, $said_text, $right, $right_text, $why) = @{ $theirs[ $n++ // 0 ] // [] };
        $n ||= 1;
        $words{$word}++;
        if (($said // '') ne ($right // '')) { $class{ $why eq '' ? 'several at once' : $why }++ }
        # A name's case is not kept in ours, and a long text is cut.
        my $same = $word eq ($right // '')
            && lc($text // '') eq lc(substr($right_text =~ s/\\/\\092/gr, 0, length($text // '') || 1000));
        $agree++ if $same;
        next if $same || $unexplained++ > 5;
        diag "unexplained: $batches[$i]{requests}[$j]\n  ours $word ($reason) $path '", $text // '', "', pyspf $said '$said_text', put right $right '$right_text' ($why)";
        my ($zone) = $batches[$i]{requests}[$j] =~ /(c\d+\.example)/;
        diag map {"  $_\n"} grep {/\b\Q$zone\E\b/} @{ $batches[$i]{zone} } if $unexplained <= 2 && $zone;
    }
}
is scalar @theirs, $n, 'the oracle answered each';
ok $n >= $checks, "$n checks";
is $agree, $n, 'each as pyspf says, or as an entry of DISAGREEMENTS says';
ok $words{$_}, "$_ came up" for qw(pass fail softfail neutral none permerror temperror);
diag "words: ", join ', ', map {"$_ $words{$_}"} sort keys %words;
diag "pyspf put right: ", join ', ', map {"$_ $class{$_}"} sort keys %class;
done_testing;
